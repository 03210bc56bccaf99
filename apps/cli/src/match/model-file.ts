import { readFileSync, writeFileSync } from 'node:fs';
import { type Model, ModelFault, readModelText } from '@chartledger/matching';
import { EXIT, print, printJson } from '../output.js';

/** One line: a model is for programs; `match train` and `match model` say what is in it. */
export function writeModel(file: string, model: Model): void {
  writeFileSync(file, `${JSON.stringify(model)}\n`);
}

/** The model of a file; undefined after the fault in it was told. @throws Error when the file cannot be read. */
export function readModelFile(file: string, json: boolean): Model | undefined {
  const text = readFileSync(file, 'utf8');
  try {
    return readModelText(text);
  } catch (error) {
    if (!(error instanceof ModelFault)) throw error;
    const { place, fault } = error;
    if (json) printJson({ file, place, fault });
    else print(`${file} is no model that this program can match by: ${error.message}`);
    process.exitCode = EXIT.foundWrong;
    return undefined;
  }
}
