import {
  BIRTH,
  COMPARISON_NAMES,
  EMAIL,
  FAMILY,
  GIVEN,
  IDENTIFIER,
  LEVEL_COUNTS,
  MOTHER,
  PLACE,
} from './comparisons.js';
import { type LevelProbabilities, type Model, thousandthsOfBit } from './model.js';

/** How sure a single level can make: 2^20, so that no level alone outweighs everything else. */
const MAX_WEIGHT = 20_000;

/** In what relatives are not like strangers: they share a family name, a home, an e-mail address, a mother, and now and then the number of whoever is insured. */
export const RELATIVES_DIFFER = [FAMILY, IDENTIFIER, PLACE, EMAIL, MOTHER] as const;

/** What EM estimates: level probabilities by class, and how many pairs of each class there are. */
export interface Estimate {
  m: LevelProbabilities;
  u: LevelProbabilities;
  relative: LevelProbabilities;
  /** Pairs in all, and of each class. */
  pairs: number;
  matches: number;
  relatives: number;
  twins: number;
}

/** Twins are given different names: the same one is so much rarer among them than by chance. */
const SAME_NAMED_TWINS = 0.05;

/** The probabilities of twins: relatives who were born on the day that matches were born on, and are named apart. */
export function twinProbabilities({ m, relative }: Pick<Estimate, 'm' | 'relative'>): LevelProbabilities {
  return relative.map((levels, comparison) => {
    if (comparison === BIRTH) return m[comparison];
    if (comparison !== GIVEN) return levels;
    return levels.map((probability, level) => (level === 1 ? probability * SAME_NAMED_TWINS : probability));
  });
}

/** The probabilities of relatives, where they are not those of strangers. */
export function relativeProbabilities(u: LevelProbabilities, relative: LevelProbabilities): LevelProbabilities {
  return u.map((levels, comparison) =>
    (RELATIVES_DIFFER as readonly number[]).includes(comparison) ? relative[comparison] : levels,
  );
}

/** The tables a scorer works with. A missing level says nothing: weight 0. */
export function modelWeights(estimate: Estimate): Pick<Model, 'weights' | 'prior'> {
  const { m, u, pairs, matches, relatives, twins } = estimate;
  const relative = relativeProbabilities(u, estimate.relative);
  const twin = twinProbabilities({ m, relative });
  const strangers = Math.max(1, pairs - matches - relatives - twins);
  const prior = (others: number): number => thousandthsOfBit(matches / Math.max(others, NO_PAIRS));
  return {
    weights: { random: ratios(m, u), relative: ratios(m, relative), twin: ratios(m, twin) },
    prior: { random: prior(strangers), relative: prior(relatives), twin: prior(twins) },
  };
}

/** As good as none: a class that does not occur is never the likeliest. */
const NO_PAIRS = 1e-6;

function ratios(m: LevelProbabilities, other: LevelProbabilities): number[][] {
  return COMPARISON_NAMES.map((_, comparison) =>
    Array.from({ length: LEVEL_COUNTS[comparison] }, (_, level) =>
      level === 0 ? 0 : limit(thousandthsOfBit(m[comparison][level] / other[comparison][level])),
    ),
  );
}

function limit(weight: number): number {
  return Math.max(-MAX_WEIGHT, Math.min(MAX_WEIGHT, weight));
}
