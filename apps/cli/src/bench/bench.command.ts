import { type Command } from 'commander';
import { EXIT, printJson } from '../output.js';
import { benchAppend } from './append.js';
import { benchBackup } from './backup.js';
import { type BenchOptions, type BenchResult } from './bench-options.js';
import { benchFollow } from './follow.js';
import { benchIngest } from './ingest.js';
import { benchMatchOnline } from './match-online.js';
import { benchMatch } from './match.js';
import { benchMatchTown } from './match-town.js';
import { benchMeasure } from './measure.js';
import { benchLineage, benchProof, benchStart, benchTiles } from './queries.js';
import { benchPopulationView } from './population-view.js';
import { benchPopulation } from './population.js';
import { benchPopulationCounts } from './population-counts.js';
import { benchTakeover } from './takeover.js';
import { benchVerify } from './verify.js';

const BENCHES: Readonly<Record<string, (options: BenchOptions) => Promise<BenchResult>>> = {
  ingest: benchIngest,
  append: benchAppend,
  verify: benchVerify,
  follow: benchFollow,
  takeover: benchTakeover,
  backup: benchBackup,
  lineage: benchLineage,
  proof: benchProof,
  tiles: benchTiles,
  start: benchStart,
  population: benchPopulation,
  measure: benchMeasure,
  'population-view': benchPopulationView,
  'population-counts': benchPopulationCounts,
  'match-online': benchMatchOnline,
  'match-town': benchMatchTown,
  match: benchMatch,
};

export function addBench(program: Command): void {
  program
    .command('bench')
    .description('measure on a fresh server and database; the last line is JSON')
    .argument('<name>', Object.keys(BENCHES).join(', '))
    .option(
      '--data <path>',
      'FHIR Bundles (default: a made-up town); match: a CSV of people, two with a comma, or a folder of labelled pairs; match-online: one CSV',
    )
    .option('--out <dir>', 'match: write pairs.csv and clusters.csv there')
    .option('--map <column=field>', 'match: what columns say whose names are not known; more after commas')
    .option('--clients <n>', 'clients at a time', Number)
    .option(
      '--workload <kind>',
      'ingest: bundles, observation (one a request) or pair (Patient and Observation in a transaction)',
      'bundles',
    )
    .option('--requests <n>', 'ingest, lineage, proof, tiles, match-online: requests', Number)
    .option('--records <n>', 'match-online: Patients that are there before', Number)
    .option('--entries <n>', 'append, verify, backup, population: entries', Number)
    .option('--batch <n>', 'append: entries that a client appends at a time', Number)
    .option('--rows <n>', 'population: rows of the view that questions are asked of', Number)
    .option('--patients <n>', 'people of the made-up town', Number)
    .option('--seed <n>', 'match-town: another town', Number)
    .option('--kafka <brokers>', 'append, ingest, follow: over a Kafka of 1 or 3 brokers, started for it', Number)
    .option('--cold', 'ingest, append: measure from the first request on, without warming up', false)
    .action(async (name: string, options: BenchOptions) => {
      const bench = BENCHES[name];
      if (!bench) throw new Error(`there is no bench ${name}: ${Object.keys(BENCHES).join(', ')}`);
      printJson(await bench(options));
      process.exitCode = EXIT.done;
    });
}
