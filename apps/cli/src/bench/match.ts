import { mkdirSync, statSync } from 'node:fs';
import { accuracy, clusterAccuracy, matchTables, type MatchedTables, truePairs } from '@chartledger/matching';
import { columnMap } from '../column-map.js';
import { thousands } from '../output.js';
import { type BenchOptions, type BenchResult } from './bench-options.js';
import { round } from './latency.js';
import { writeClusters, writePairs } from './match-files.js';
import { benchLabelled } from './match-labelled.js';

/**
 * Matches the people of one table, or across two (`--data A.csv,B.csv`): the whole way from the file to clusters, with a
 * model learned from the file. Where the table says who is who, pairs (before clustering) and clusters (every two records
 * of one cluster) are scored against it; pairs that no block found count as missed. A folder (`--data FOLDER`) has pairs
 * that somebody has labelled: these are graded under the default model.
 */
export async function benchMatch({ data, out, map }: BenchOptions): Promise<BenchResult> {
  if (!data) throw new Error('bench match needs a table of people: --data A.csv, or --data A.csv,B.csv to link two');
  const files = data.split(',');
  if (files.length === 1 && statSync(data).isDirectory()) return benchLabelled(data);
  const startedMs = performance.now();
  const cpu = process.cpuUsage();
  let shown = '';
  const matched = await matchTables(files, columnMap(map), {
    link: files.length === 2,
    onProgress: ({ stage }) => {
      if (stage === shown) return;
      shown = stage;
      process.stderr.write(`${((performance.now() - startedMs) / 1000).toFixed(1)} s ${stage}\n`);
    },
  });
  const seconds = (performance.now() - startedMs) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  if (out) {
    mkdirSync(out, { recursive: true });
    writePairs(out, matched);
    writeClusters(out, matched);
  }
  const { people, model } = matched;
  process.stderr.write(
    `${thousands(people.ids.length)} records, ${thousands(matched.candidates)} pairs compared, ` +
      `${thousands(model.training.matches)} matches, ${thousands(model.training.relatives)} relatives and ` +
      `${thousands(model.training.twins)} twins estimated; ${matched.unsplit} records in blocks too large for their rule\n`,
  );
  return {
    bench: 'match',
    records: people.ids.length,
    ...scores(matched),
    expectedF1: round(matched.cut.f1, 4),
    candidates: matched.candidates,
    seconds: round(seconds),
    cpuSeconds: round((user + system) / 1e6),
    memoryMb: Math.round(process.resourceUsage().maxRSS / 1024),
    perSecond: Math.round(people.ids.length / seconds),
  };
}

function scores({ people, pairs, cut, cluster }: MatchedTables): Record<string, number> {
  const { truth } = people;
  if (truth.every((person) => person === '')) return {};
  const source = people.columns.length === 2 ? people.source : undefined;
  let found = 0;
  let right = 0;
  pairs.score.forEach((score, at) => {
    if (score < cut.link) return;
    found++;
    const person = truth[pairs.a[at]];
    if (person !== '' && person === truth[pairs.b[at]]) right++;
  });
  const byPairs = accuracy(right, found, truePairs(truth, source));
  const byClusters = clusterAccuracy(cluster, truth, source);
  return {
    precision: round(byPairs.precision, 5),
    recall: round(byPairs.recall, 5),
    f1: round(byPairs.f1, 5),
    clusterPrecision: round(byClusters.precision, 5),
    clusterRecall: round(byClusters.recall, 5),
    clusterF1: round(byClusters.f1, 5),
  };
}
