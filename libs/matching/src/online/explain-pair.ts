import { COMPARISON_NAMES, COMPARISONS, levelsOf } from '../engine/comparisons.js';
import { type PairFacts, type Scorer } from '../engine/scorer.js';
import { type PairEvidence } from '../persons/person-entries.js';

/** Why a pair has its score: the prior and the weights sum to it, or to what a rule has put in its place. */
export function explainPair(scorer: Scorer, pair: PairFacts): Omit<PairEvidence, 'left' | 'right'> {
  const { against, score, rule } = scorer.verdict(pair);
  const terms: Readonly<Record<string, number>> =
    against === 'random'
      ? { given: pair.givenTerm, family: pair.familyTerm, place: pair.placeTerm }
      : { given: pair.givenTerm };
  const weights = levelsOf(pair.pattern).map((level, comparison): PairEvidence['weights'][number] => {
    const field = COMPARISON_NAMES[comparison];
    return [field, COMPARISONS[field][level], scorer.weightOf(against, comparison, level) + (terms[field] ?? 0)];
  });
  return {
    pattern: pair.pattern,
    score,
    prior: scorer.priorOf(against),
    // A level that says nothing weighs nothing: left out, it is missing.
    weights: weights.filter(([, , weight]) => weight !== 0),
    ...(rule ? { rule } : {}),
  };
}
