import { type Command } from 'commander';
import { compareModel, type ModelComparison, type PairExample } from '@chartledger/matching';
import { withStore } from '../data.js';
import { EXIT, print, printJson, thousands } from '../output.js';
import { ledgerPatients, THREADS } from './ledger-patients.js';
import { readModelFile } from './model-file.js';
import { bits } from './model-lines.js';
import { shareProgress } from './share-progress.js';

const DEFAULT_EXAMPLES = 5;

interface Options {
  examples: number;
  json: boolean;
}

/** `chartledger match compare MODEL.json`. */
export function addCompare(match: Command): void {
  match
    .command('compare')
    .description(
      'run a model beside the one in force over all Patients, and show what it would change; changes nothing',
    )
    .argument('<model>', 'a file that `match train` has written')
    .option('--examples <n>', 'of each kind of difference, by record reference', Number, DEFAULT_EXAMPLES)
    .option('--json', 'print one JSON line', false)
    .action(async (file: string, { examples, json }: Options) => {
      const model = readModelFile(file, json);
      if (!model) return;
      const bar = shareProgress('comparing');
      const comparison = await withStore(async (store) =>
        compareModel(await ledgerPatients(store), model, {
          threads: THREADS,
          most: examples,
          onProgress: ({ stage, share }) => bar.update(share, stage),
        }),
      );
      bar.end();
      if (json) printJson({ ...comparison });
      else for (const line of comparisonLines(comparison)) print(line);
      process.exitCode = EXIT.done;
    });
}

export function comparisonLines(comparison: ModelComparison): string[] {
  const { model, inForce, isUnsettled, basis, records, groups, recordsInGroups } = comparison;
  const { pairs, persons, reviews, examples } = comparison;
  const n = thousands;
  return [
    `model ${model} beside ${inForce === undefined ? 'the one that ships' : `the one of ${inForce}`}, over ${n(records)} records as of ${basis}`,
    ...(isUnsettled
      ? ['a model was adopted and the records are being matched anew: what stands is not all of one']
      : []),
    groups === 0
      ? 'nothing would change'
      : `${n(groups)} groups with ${n(recordsInGroups)} records would be decided otherwise`,
    `pairs of one person: ${n(pairs.before)} now, ${n(pairs.linked)} newly linked, ${n(pairs.unlinked)} no longer linked`,
    `persons: ${n(persons.before)} now, ${n(persons.after)} then; ${n(persons.absorbed)} absorbed, ${n(persons.split)} split, ${n(persons.born)} born`,
    `questions to stewards: ${n(reviews.before)} now; ${n(reviews.asked)} asked, ${n(reviews.linked)} answered by a link, ${n(reviews.withdrawn)} withdrawn`,
    ...exampleLines('newly linked', examples.linked),
    ...exampleLines('no longer linked', examples.unlinked),
    ...exampleLines('asked', examples.asked),
  ];
}

function exampleLines(what: string, examples: readonly PairExample[]): string[] {
  return examples.map(({ pair, score }) => `  ${what}: ${pair.join(' and ')}, ${bits(score)} bits`);
}
