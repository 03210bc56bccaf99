import { BLOCKING_RULES } from './blocking-keys.js';
import { FIRST_MATCHES, FIRST_RELATIVES, FIRST_STRANGERS } from './first-guess.js';
import { type Model, NO_TERMS } from './model.js';
import { modelWeights } from './model-weights.js';
import { PREPARATION_VERSION } from './prepare.js';

/** Serves a deployment that has trained none yet. */
export const DEFAULT_MODEL: Model = {
  version: 'default-1',
  preparation: PREPARATION_VERSION,
  thresholds: { link: 3000, review: -5000 },
  ...modelWeights({
    m: FIRST_MATCHES,
    u: FIRST_STRANGERS,
    relative: FIRST_RELATIVES,
    pairs: 1e9,
    matches: 20_000,
    relatives: 60_000,
    twins: 400,
  }),
  families: true,
  terms: { given: NO_TERMS, family: NO_TERMS, place: NO_TERMS, street: NO_TERMS },
  rules: BLOCKING_RULES.flatMap(({ split }, at) => (split.length > 0 ? [at] : [])),
  hotKeys: [],
  placeholders: [],
  training: {
    records: 0,
    candidates: 0,
    matches: 0,
    relatives: 0,
    twins: 0,
    iterations: 0,
    m: FIRST_MATCHES,
    u: FIRST_STRANGERS,
    relative: FIRST_RELATIVES,
  },
};
