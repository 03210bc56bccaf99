import { COMPARISON_NAMES, COMPARISONS, levelsOf, type Comparison } from './comparisons.js';
import { type PairFacts, type Scorer } from './scorer.js';

/** The parts of a pair's score: the prior and the weights sum to it, or to what a rule has put something else in place of. */
export interface WeighedPair {
  verdict: ReturnType<Scorer['verdict']>;
  prior: number;
  /** In the order of the comparisons, those that say nothing with a weight of 0. */
  comparisons: { field: Comparison; level: string; weight: number }[];
}

export function weighPair(scorer: Scorer, pair: PairFacts): WeighedPair {
  const verdict = scorer.verdict(pair);
  const { against } = verdict;
  const terms: Partial<Record<Comparison, number>> =
    against === 'random'
      ? { given: pair.givenTerm, family: pair.familyTerm, place: pair.placeTerm }
      : { given: pair.givenTerm };
  const comparisons = levelsOf(pair.pattern).map((level, comparison) => {
    const field = COMPARISON_NAMES[comparison];
    const weight = scorer.weightOf(against, comparison, level) + (terms[field] ?? 0);
    return { field, level: COMPARISONS[field][level], weight };
  });
  return { verdict, prior: scorer.priorOf(against), comparisons };
}
