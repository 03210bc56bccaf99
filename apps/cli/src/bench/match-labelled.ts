import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_MODEL, type Grade, MatchEngine } from '@chartledger/matching';
import { type BenchResult } from './bench-options.js';
import { type Label, type LabelledPair, LABELS, readLabelledPairs } from './labelled-pairs.js';
import { round } from './latency.js';

const GRADES: readonly Grade[] = ['certain', 'probable', 'possible', 'certainly-not'];
/** What is asked of the pairs that are graded `certain`. */
const PRECISION = 0.99;

/**
 * Grades the labelled pairs of a folder's text files under the default model. Whether a `Possible Match` that is graded
 * certain is an error is a question of reading, so both are given; and how well any grading could do, where one and the same
 * pair has several labels.
 */
export function benchLabelled(folder: string): BenchResult {
  const pairs = readdirSync(folder)
    .filter((file) => file.endsWith('.txt'))
    .sort()
    .flatMap((file) => readLabelledPairs(readFileSync(join(folder, file), 'utf8')));
  if (pairs.length === 0) throw new Error('the folder has no labelled pairs: text files with EXPECT and PATIENT lines');
  const startedMs = performance.now();
  const engine = new MatchEngine(DEFAULT_MODEL);
  const table = tableOf(pairs, ({ one, other }) => engine.compare(engine.prepare(one), engine.prepare(other)).grade);
  const seconds = (performance.now() - startedMs) / 1000;
  process.stderr.write(asText(table));
  const certain = (label: Label): number => table[label].certain;
  const possible = table['Possible Match'];
  const all = GRADES.reduce((sum, grade) => sum + possible[grade], 0);
  return {
    bench: 'match',
    pairs: pairs.length,
    certainPrecision: round(certain('Match') / (certain('Match') + certain('Not a Match')), 4),
    certainPrecisionStrict: round(certain('Match') / LABELS.reduce((sum, label) => sum + certain(label), 0), 4),
    certainRecall: round(certain('Match') / pairs.filter(({ label }) => label === 'Match').length, 4),
    possibleInReview: round(possible.possible / all, 4),
    ...labelling(pairs),
    seconds: round(seconds),
    perSecond: Math.round(pairs.length / seconds),
  };
}

type Table = Record<Label, Record<Grade, number>>;

function tableOf(pairs: readonly LabelledPair[], gradeOf: (pair: LabelledPair) => Grade): Table {
  const row = (): Record<Grade, number> => ({ certain: 0, probable: 0, possible: 0, 'certainly-not': 0 });
  const table: Table = { Match: row(), 'Possible Match': row(), 'Not a Match': row() };
  for (const pair of pairs) table[pair.label][gradeOf(pair)] += 1;
  return table;
}

/**
 * How many different pairs have more than one label, and the highest recall of `Match` at the precision that is asked (a
 * `Possible Match` counting as an error) of anything that gives one pair one grade.
 */
export function labelling(pairs: readonly LabelledPair[]): { labelledApart: number; recallCeilingStrict: number } {
  const byText = new Map<string, { matches: number; all: number; labels: Set<Label> }>();
  for (const { text, label } of pairs) {
    const entry = byText.get(text) ?? { matches: 0, all: 0, labels: new Set<Label>() };
    entry.matches += label === 'Match' ? 1 : 0;
    entry.all += 1;
    byText.set(text, entry.labels.add(label) && entry);
  }
  const found = [...byText.values()];
  const matches = found.reduce((sum, entry) => sum + entry.matches, 0);
  let [right, taken] = [0, 0];
  for (const entry of found.toSorted((a, b) => b.matches / b.all - a.matches / a.all)) {
    if (right + entry.matches < PRECISION * (taken + entry.all)) break;
    right += entry.matches;
    taken += entry.all;
  }
  return {
    labelledApart: found.filter(({ labels }) => labels.size > 1).length,
    recallCeilingStrict: round(right / matches, 4),
  };
}

function asText(table: Table): string {
  const line = (cells: readonly (string | number)[]): string =>
    `${cells.map((cell) => String(cell).padStart(15)).join('')}\n`;
  return [
    line(['', ...GRADES]),
    ...LABELS.map((label) => line([label, ...GRADES.map((grade) => table[label][grade])])),
  ].join('');
}
