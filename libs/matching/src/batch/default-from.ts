import { FIRST_MATCHES, FIRST_RELATIVES } from '../engine/first-guess.js';
import { type LevelProbabilities, type Model, NO_TERMS, type TermTable } from '../engine/model.js';
import { modelWeights } from '../engine/model-weights.js';
import { roundedLevels } from './train-model.js';

/** A deployment that has trained nothing yet: some 200,000 records, one in five of a person who has another. */
const EXPECTED = { pairs: 2e10, matches: 40_000, relatives: 60_000, twins: 400 } as const;
/**
 * `link` is odds of 32 to one, measured on made-up towns: see docs/matching.md. `certain` asks for more than names, birth date and sex: a home, a phone or an identifier
 * in common beside them. Below `review` nobody is bothered.
 */
const THRESHOLDS = { certain: 17_000, link: 5_000, review: -3_000 } as const;
/** Names that are listed; and what one that is not listed adds at most, thousandths of a bit: it may be common here. */
const NAMES = 1500;
const RARE = 0;

/**
 * The model that ships, of one that was trained on mixed data: half of what was learned of matches and half of what one
 * expects, since made-up data errs too regularly; frequencies of names only, since places are others elsewhere.
 */
export function defaultFrom(trained: Model, version: string): Model {
  const m = halfway(trained.training.m, FIRST_MATCHES);
  const relative = halfway(trained.training.relative, FIRST_RELATIVES);
  const { u } = trained.training;
  return {
    ...trained,
    version,
    thresholds: THRESHOLDS,
    ...modelWeights({ m, u, relative, ...EXPECTED }),
    families: true,
    terms: {
      given: shortened(trained.terms.given),
      family: shortened(trained.terms.family),
      place: NO_TERMS,
      street: NO_TERMS,
    },
    placeholders: [],
    training: { ...trained.training, m: roundedLevels(m), u, relative: roundedLevels(relative) },
  };
}

function halfway(a: LevelProbabilities, b: LevelProbabilities): number[][] {
  return a.map((levels, comparison) => levels.map((value, level) => (value + b[comparison][level]) / 2));
}

function shortened({ rare, listed }: TermTable): TermTable {
  return {
    rare: Math.min(rare, RARE),
    listed: listed.slice(0, NAMES * 3).map((value, at) => (at % 3 === 2 ? Math.min(value, RARE) : value)),
  };
}
