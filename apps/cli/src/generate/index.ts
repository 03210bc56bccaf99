/** A town with two hospitals and a laboratory, made up from a seed: for the demo, the tests and the benchmarks. */
export { type GeneratedFile } from './generated-file.js';
export { type SourceName } from './sites.js';
export { DEFAULT_RESOURCES_PER_PATIENT, SMALL_RESOURCES_PER_PATIENT, town, type TownOptions } from './town.js';
export { TRUTH_HEADER, truthLine, type TruthRow } from './truth.js';
export { TRUTH_FILE, writeTown, type WrittenTown } from './write-town.js';
