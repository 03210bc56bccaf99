import { FIRST_MATCHES } from '../engine/first-guess.js';
import { ALL_LEVELS, COMPARISON_NAMES, LEVEL_COUNTS, LEVEL_OFFSETS, levelsOf } from '../engine/comparisons.js';
import { type LevelProbabilities } from '../engine/model.js';
import { type PairComparer } from '../engine/pair-comparer.js';
import { type BlockedRows, ownedEarlier, type RowKeys, type RuleBlocks } from './candidates.js';

/** Pairs that may be of one person, five integers each: two records, their pattern, the weight of terms for kin and in all. */
export const PAIR_INTS = 5;

export interface ComparedPairs {
  pairs: Int32Array;
  /** Pairs that were compared, kept or not. */
  candidates: number;
}

/**
 * Which patterns are without hope: strangers beyond doubt even if all probabilities were off by much. Their number is
 * known without counting them, so they are not kept.
 */
export class HopelessPatterns {
  private readonly weights = new Float64Array(ALL_LEVELS);
  private readonly known = new Map<number, boolean>();

  /** @param prior log2 odds of a match before comparing */
  constructor(
    u: LevelProbabilities,
    private readonly prior: number,
    private readonly least = LEAST,
  ) {
    COMPARISON_NAMES.forEach((_, comparison) => {
      for (let level = 1; level < LEVEL_COUNTS[comparison]; level++)
        this.weights[LEVEL_OFFSETS[comparison] + level] = Math.log2(
          FIRST_MATCHES[comparison][level] / u[comparison][level],
        );
    });
  }

  has(pattern: number): boolean {
    let hopeless = this.known.get(pattern);
    if (hopeless === undefined) {
      const sum = levelsOf(pattern).reduce(
        (total, level, at) => total + this.weights[LEVEL_OFFSETS[at] + level],
        this.prior,
      );
      hopeless = sum < this.least;
      this.known.set(pattern, hopeless);
    }
    return hopeless;
  }
}
const LEAST = -15;

/** Compares the pairs of a rule's blocks; of those another rule owns, and of one source where two are linked, none. */
export function compareBlocks(
  column: number,
  { sorted, blocks }: Pick<RuleBlocks, 'sorted' | 'blocks'>,
  { record }: BlockedRows,
  keys: RowKeys,
  comparer: PairComparer,
  hopeless: HopelessPatterns,
  source: Uint8Array | undefined,
): ComparedPairs {
  let pairs = new Int32Array(1 << 16);
  let used = 0;
  let candidates = 0;
  for (let block = 0; block < blocks.length; block += 2) {
    const to = blocks[block + 1];
    for (let x = blocks[block]; x < to; x++) {
      const a = record[sorted[x]];
      for (let y = x + 1; y < to; y++) {
        const b = record[sorted[y]];
        if (a === b || (source && source[a] === source[b]) || ownedEarlier(column, sorted[x], sorted[y], keys))
          continue;
        candidates++;
        const i = a < b ? a : b;
        const j = a < b ? b : a;
        const pattern = comparer.compare(i, j);
        if (hopeless.has(pattern)) continue;
        if (used + PAIR_INTS > pairs.length) {
          const larger = new Int32Array(pairs.length * 2);
          larger.set(pairs);
          pairs = larger;
        }
        pairs[used] = i;
        pairs[used + 1] = j;
        pairs[used + 2] = pattern;
        pairs[used + 3] = comparer.givenTerm;
        pairs[used + 4] = comparer.givenTerm + comparer.familyTerm + comparer.placeTerm;
        used += PAIR_INTS;
      }
    }
  }
  return { pairs: pairs.slice(0, used), candidates };
}
