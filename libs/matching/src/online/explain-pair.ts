import { type PairFacts, type Scorer } from '../engine/scorer.js';
import { weighPair } from '../engine/weigh-pair.js';
import { type PairEvidence } from '../persons/person-entries.js';

/** Why a pair has its score, as decisions keep it. */
export function explainPair(scorer: Scorer, pair: PairFacts): Omit<PairEvidence, 'left' | 'right'> {
  const { verdict, prior, comparisons } = weighPair(scorer, pair);
  const { score, rule } = verdict;
  return {
    pattern: pair.pattern,
    score,
    prior,
    // A level that says nothing weighs nothing: left out, it is missing.
    weights: comparisons
      .filter(({ weight }) => weight !== 0)
      .map(({ field, level, weight }): PairEvidence['weights'][number] => [field, level, weight]),
    ...(rule ? { rule } : {}),
  };
}
