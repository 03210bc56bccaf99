import { GrowingInts } from '../engine/growing-array.js';
import { type Model } from '../engine/model.js';
import { type PairComparer } from '../engine/pair-comparer.js';
import { ROW, ROW_INTS, type TableArrays } from '../engine/record-table.js';
import { type PairFacts, type Scorer } from '../engine/scorer.js';
import { type BlockedRows, ownedEarlier, type RowKeys, type RuleBlocks } from './candidates.js';
import { type ScoredPairs } from './partition.js';

/** The pairs of a rule's blocks that score at or above the model's review threshold; of those another rule owns, none. */
export function scoreBlocks(
  column: number,
  { sorted, blocks }: Pick<RuleBlocks, 'sorted' | 'blocks'>,
  { record }: BlockedRows,
  keys: RowKeys,
  { rows }: TableArrays,
  comparer: PairComparer,
  scorer: Scorer,
  { thresholds }: Pick<Model, 'thresholds'>,
): ScoredPairs {
  const found = { a: new GrowingInts(), b: new GrowingInts(), score: new GrowingInts() };
  const facts: PairFacts = { pattern: 0, givenTerm: 0, familyTerm: 0, placeTerm: 0, flagsA: 0, flagsB: 0 };
  for (let block = 0; block < blocks.length; block += 2) {
    const to = blocks[block + 1];
    for (let x = blocks[block]; x < to; x++) {
      const a = record[sorted[x]];
      for (let y = x + 1; y < to; y++) {
        const b = record[sorted[y]];
        if (a === b || ownedEarlier(column, sorted[x], sorted[y], keys)) continue;
        const i = a < b ? a : b;
        const j = a < b ? b : a;
        facts.pattern = comparer.compare(i, j);
        facts.givenTerm = comparer.givenTerm;
        facts.familyTerm = comparer.familyTerm;
        facts.placeTerm = comparer.placeTerm;
        facts.flagsA = rows[i * ROW_INTS + ROW.flags];
        facts.flagsB = rows[j * ROW_INTS + ROW.flags];
        const score = scorer.score(facts);
        if (score < thresholds.review) continue;
        push(found.a, i);
        push(found.b, j);
        push(found.score, score);
      }
    }
  }
  return { a: filled(found.a), b: filled(found.b), score: filled(found.score) };
}

function push(list: GrowingInts, value: number): void {
  // Taken first: it may replace the array.
  const at = list.take(1);
  list.ints[at] = value;
}

function filled({ ints, length }: GrowingInts): Int32Array {
  return ints.subarray(0, length);
}
