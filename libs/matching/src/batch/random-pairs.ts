import { ALL_LEVELS, LEVEL_OFFSETS, levelsOf } from '../engine/comparisons.js';
import { type PairComparer } from '../engine/pair-comparer.js';

/** Pairs drawn to see how often strangers agree. Levels rarer than one in some 10,000 are measured otherwise, or guessed. */
export const SAMPLE_PAIRS = 700_000;

/** How often each level occurred among pairs, and of how many pairs. */
export interface LevelSample {
  counts: Float64Array;
  pairs: number;
}

/**
 * Levels of pairs drawn from all, or of all where there are few; the same at every run. Part `part` of `parts`.
 * @param sizeA records of the first source when two are linked, else undefined
 */
export function sampleLevels(
  comparer: PairComparer,
  records: number,
  sizeA: number | undefined,
  part: number,
  parts: number,
): LevelSample {
  const counts = new Float64Array(ALL_LEVELS);
  const patterns = new Map<number, number>();
  let pairs = 0;
  const count = (i: number, j: number): void => {
    const pattern = comparer.compare(i, j);
    patterns.set(pattern, (patterns.get(pattern) ?? 0) + 1);
    pairs++;
  };
  if (allPairs(records, sizeA) <= SAMPLE_PAIRS) {
    for (let i = part; i < (sizeA ?? records); i += parts) for (let j = sizeA ?? i + 1; j < records; j++) count(i, j);
  } else {
    const random = numbers(SEED + part);
    for (let drawn = 0; drawn < SAMPLE_PAIRS / parts; drawn++) {
      const i = Math.floor(random() * (sizeA ?? records));
      const j = sizeA === undefined ? Math.floor(random() * records) : sizeA + Math.floor(random() * (records - sizeA));
      if (i !== j) count(Math.min(i, j), Math.max(i, j));
    }
  }
  for (const [pattern, times] of patterns)
    levelsOf(pattern).forEach((level, at) => (counts[LEVEL_OFFSETS[at] + level] += times));
  return { counts, pairs };
}
const SEED = 0x2545f491;

/** Pairs there are in one source, or across two. */
export function allPairs(records: number, sizeA: number | undefined): number {
  return sizeA === undefined ? (records * (records - 1)) / 2 : sizeA * (records - sizeA);
}

export function sumSamples(samples: readonly LevelSample[]): LevelSample {
  return samples.reduce((sum, { counts, pairs }) => ({
    counts: sum.counts.map((count, at) => count + counts[at]),
    pairs: sum.pairs + pairs,
  }));
}

/** xorshift32: a sample must be the same on every machine. */
function numbers(state: number): () => number {
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** Pairs that agree exactly, of all pairs: what a sample cannot see of what is rare. */
export function exactPairs(column: (record: number) => number, records: number, sizeA: number | undefined): number {
  const own = new Map<number, number>();
  const other = new Map<number, number>();
  for (let i = 0; i < records; i++) {
    const value = column(i);
    if (value === 0) continue;
    const counts = sizeA === undefined || i < sizeA ? own : other;
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  let pairs = 0;
  if (sizeA === undefined) for (const count of own.values()) pairs += (count * (count - 1)) / 2;
  else for (const [value, count] of own) pairs += count * (other.get(value) ?? 0);
  return pairs;
}
