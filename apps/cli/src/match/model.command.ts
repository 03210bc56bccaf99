import { type Command } from 'commander';
import { parsePosition, SYSTEM_CHAIN } from '@chartledger/ledger';
import { DEFAULT_MODEL, type Model, modelInForce, modelReader } from '@chartledger/matching';
import { withStore } from '../data.js';
import { EXIT, print, printJson } from '../output.js';
import { ledgerPatients } from './ledger-patients.js';
import { writeModel } from './model-file.js';
import { modelLines } from './model-lines.js';

interface Options {
  at?: string;
  shipped: boolean;
  out?: string;
  json: boolean;
}

/** `chartledger match model`. */
export function addModel(match: Command): void {
  match
    .command('model')
    .description(
      'show a model: the one that was adopted last, an earlier one, or the one that ships; --out writes it to a file',
    )
    .option('--at <position>', 'the one of that entry (match.model), such as 0:812')
    .option('--shipped', 'the one that ships', false)
    .option('--out <file>', 'write it there, to be compared or adopted again')
    .option('--json', 'print one JSON line', false)
    .action(async ({ at, shipped, out, json }: Options) => {
      const model = shipped ? DEFAULT_MODEL : await withLedger(at);
      if (out !== undefined) writeModel(out, model);
      const { version, thresholds, training } = model;
      if (json) printJson({ version, thresholds, training, ...(out === undefined ? {} : { file: out }) });
      else for (const line of modelLines(model)) print(line);
      process.exitCode = EXIT.done;
    });
}

function withLedger(at: string | undefined): Promise<Model> {
  return withStore(async (store) => {
    const modelAt = modelReader(store.ledger, store.opener);
    if (at === undefined) return modelInForce(await ledgerPatients(store), modelAt);
    const position = parsePosition(at);
    const [stored] = position?.chain === SYSTEM_CHAIN ? await store.ledger.get(SYSTEM_CHAIN, [position.seq]) : [];
    const kind = stored && (await store.opener.open([stored]))[0].envelope.kind;
    if (kind !== 'match.model')
      throw new Error(`there is no model at ${at}: evidence of decisions names it as modelAt`);
    return modelAt(position!.seq);
  });
}
