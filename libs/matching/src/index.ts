export { clusters, type LinkDecisions } from './engine/clusters.js';
export { COMPARISON_NAMES, COMPARISONS, type Comparison, levelsOf } from './engine/comparisons.js';
export { DEFAULT_MODEL } from './engine/default-model.js';
export { type Explanation, type Grade, MatchEngine, type PairScore } from './engine/match-engine.js';
export { type Model, type Thresholds } from './engine/model.js';
export { type PersonAddress, type PersonFields, type PersonName } from './engine/person-fields.js';
export { type PreparedRecord } from './engine/prepare.js';
