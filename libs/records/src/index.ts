export {
  AcrossSources,
  type AboutPage,
  type AboutQuestion,
  type SourcePatient,
  type SourceVersion,
} from './across-sources.js';
export * from './as-of.js';
export * from './record-reader.js';
export { searchStatement, type Condition } from './record-search.queries.js';
export * from './record-tokens.js';
export { currentByIdentifier, currentVersions, submissions, type VersionRow } from './records.queries.js';
export { evolveRecords } from './records.evolve.js';
export { RecordsProjection } from './records.projection.js';
export { KIND } from './records.tables.js';
export * from './sources/source-directory.js';
export * from './sources/sources.projection.js';
export { bundleText, type EntryText } from './fhir/bundle-text.js';
export { capabilityStatement } from './fhir/capability-statement.js';
export { FhirReads, type ReadContext } from './fhir/fhir-reads.js';
export {
  recordInSource,
  rootOf,
  withAbsoluteReferences,
  type OwnParameter,
  type OwnResource,
} from './fhir/own-resource.js';
export { FhirReadsController } from './fhir/fhir-reads.controller.js';
export { Standpoint } from './standpoint.js';
