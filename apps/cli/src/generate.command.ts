import { type Command } from 'commander';
import { SMALL_RESOURCES_PER_PATIENT, writeTown } from './generate/index.js';
import { EXIT, print, printJson, thousands } from './output.js';

interface Options {
  patients: number;
  seed: number;
  out: string;
  small: boolean;
  json: boolean;
}

export function addGenerate(program: Command): void {
  program
    .command('generate')
    .description(
      'make up a town: Bundles of two hospitals and a laboratory that share patients, and the truth of who is who',
    )
    .requiredOption('--patients <n>', 'people', Number)
    .requiredOption('--out <dir>', 'an empty or new folder')
    .option('--seed <n>', 'the same seed gives the same bytes', Number, 1)
    .option('--small', 'few resources a patient', false)
    .option('--json', 'print one JSON line', false)
    .action(({ patients, seed, out, small, json }: Options) => {
      const written = writeTown(
        { patients, seed, ...(small ? { resourcesPerPatient: SMALL_RESOURCES_PER_PATIENT } : {}) },
        out,
      );
      if (json) printJson(written);
      else
        print(
          `${out}: ${thousands(written.resources)} resources in ${thousands(written.files)} files, and truth.csv with ${thousands(written.records)} patients`,
        );
      process.exitCode = EXIT.done;
    });
}
