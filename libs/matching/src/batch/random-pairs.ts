import { ALL_LEVELS, COMPARISON_NAMES, LEVEL_OFFSETS, levelsOf } from '../engine/comparisons.js';
import { type PairComparer } from '../engine/pair-comparer.js';

/** Pairs drawn to see how often strangers agree. Levels rarer than one in some 10,000 are measured otherwise, or guessed. */
export const SAMPLE_PAIRS = 700_000;

/** How often each level occurred among pairs, and of how many pairs. */
export interface LevelSample {
  counts: Float64Array;
  pairs: number;
}

/**
 * Levels of pairs drawn from all (or of all, where there are few), the same at every run.
 * @param sizeA records of the first source when two are linked, else undefined
 */
export function sampleLevels(
  comparer: PairComparer,
  records: number,
  sizeA: number | undefined,
  draw = SAMPLE_PAIRS,
): LevelSample {
  const counts = new Float64Array(ALL_LEVELS);
  const patterns = new Map<number, number>();
  const count = (i: number, j: number): void => {
    const pattern = comparer.compare(i, j);
    patterns.set(pattern, (patterns.get(pattern) ?? 0) + 1);
  };
  const all = sizeA === undefined ? (records * (records - 1)) / 2 : sizeA * (records - sizeA);
  let pairs = 0;
  if (all <= draw) {
    for (let i = 0; i < (sizeA ?? records); i++) for (let j = sizeA ?? i + 1; j < records; j++, pairs++) count(i, j);
  } else {
    const random = numbers(0x2545f491);
    for (; pairs < draw; pairs++) {
      const i = Math.floor(random() * (sizeA ?? records));
      const j = sizeA === undefined ? Math.floor(random() * records) : sizeA + Math.floor(random() * (records - sizeA));
      if (i !== j) count(Math.min(i, j), Math.max(i, j));
    }
  }
  for (const [pattern, times] of patterns)
    levelsOf(pattern).forEach((level, at) => (counts[LEVEL_OFFSETS[at] + level] += times));
  return { counts, pairs };
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

export function comparisonIndex(name: (typeof COMPARISON_NAMES)[number]): number {
  return COMPARISON_NAMES.indexOf(name);
}
