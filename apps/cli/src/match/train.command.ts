import { type Command } from 'commander';
import { learnFromLedger, learnFromTables, type Learned, type OnProgress } from '@chartledger/matching';
import { columnMap } from '../column-map.js';
import { withStore } from '../data.js';
import { EXIT, print, printJson } from '../output.js';
import { ledgerPatients, THREADS } from './ledger-patients.js';
import { writeModel } from './model-file.js';
import { modelLines } from './model-lines.js';
import { shareProgress } from './share-progress.js';

interface Options {
  out: string;
  data?: string;
  map?: string;
  json: boolean;
}

/** Fewer pairs of one person teach little: the model is what was expected beforehand. */
const FEW_MATCHES = 500;

/** `chartledger match train`. */
export function addTrain(match: Command): void {
  match
    .command('train')
    .description(
      "learn a model without labels from the ledger's Patients, or from tables of people, and write it to a file",
    )
    .requiredOption('--out <file>', 'the model, as JSON')
    .option('--data <files>', 'CSV files of people instead (also .gz), more of them after commas')
    .option('--map <column=field>', 'with --data: what columns say whose names are not known; more after commas')
    .option('--json', 'print one JSON line', false)
    .addHelpText('after', '\nNothing is changed in the ledger: `match compare` shows what the model would change.')
    .action(async (options: Options) => {
      const startedMs = Date.now();
      const bar = shareProgress('training');
      const learned = await learn(options, ({ stage, share }) => bar.update(share, stage));
      bar.end();
      writeModel(options.out, learned.model);
      tell(learned, options, (Date.now() - startedMs) / 1000);
      process.exitCode = EXIT.done;
    });
}

function learn({ data, map }: Options, onProgress: OnProgress): Promise<Learned> {
  const options = { threads: THREADS, onProgress };
  if (data !== undefined) return learnFromTables(data.split(','), columnMap(map), options);
  return withStore(async (store) => learnFromLedger(await ledgerPatients(store), options));
}

function tell({ model, cut, unsplit }: Learned, { out, json }: Options, seconds: number): void {
  const { version, thresholds, training } = model;
  const { precision, recall, f1 } = cut;
  if (json)
    return printJson({ file: out, version, thresholds, training, expected: { precision, recall, f1 }, seconds });
  for (const line of modelLines(model)) print(line);
  print();
  print(
    `expected by its own scores: precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)}, F1 ${f1.toFixed(3)}`,
  );
  if (unsplit > 0) print(`${unsplit} records are in blocks too large for their rule; other rules compare them`);
  if (training.matches < FEW_MATCHES)
    print('few pairs of one person were found: the model says little more than what one expects of any data');
  print(`${out}: written in ${seconds.toFixed(1)} s; see what it would change with: chartledger match compare ${out}`);
}
