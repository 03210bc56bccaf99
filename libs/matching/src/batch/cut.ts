/** Scores as thousandths of a bit, and the pairs at each. */
export interface Cut {
  /** Pairs at or above it are linked. */
  link: number;
  /** What precision, recall and F1 are to be expected at the cut, by the scores themselves. */
  precision: number;
  recall: number;
  f1: number;
}

/**
 * The cut that maximises the expected F1, known without labels: a score is log-odds, so each pair says how likely it is
 * right.
 * @param scores of the pairs that were kept, in any order
 * @param matches how many there are in all, also those no block found
 */
export function expectedCut(scores: Int32Array, matches: number): Cut {
  const sorted = scores.slice().sort();
  let right = 0;
  let best: Cut = { link: 0, precision: 1, recall: 0, f1: 0 };
  for (let at = sorted.length - 1; at >= 0; at--) {
    right += probabilityOf(sorted[at]);
    if (at > 0 && sorted[at - 1] === sorted[at]) continue;
    const linked = sorted.length - at;
    const all = Math.max(matches, right);
    const f1 = (2 * right) / (linked + all);
    if (f1 > best.f1) best = { link: 0, precision: right / linked, recall: right / all, f1 };
  }
  return { ...best, link: evenOdds(best.f1) };
}

/** A further pair raises F1 where it is right more often than half of F1. */
function evenOdds(f1: number): number {
  const least = Math.max(f1, 0.1) / 2;
  return Math.round(1000 * Math.log2(least / (1 - least)));
}

/** How likely a pair of this score is one person. */
export function probabilityOf(score: number): number {
  return 1 / (1 + 2 ** (-score / 1000));
}
