export * from './admission.js';
export { FhirWritesController } from './fhir-writes.controller.js';
export * from './ingest.service.js';
export { prepare } from './prepare.js';
export { PrepareThread } from './prepare-thread.js';
export * from './prepared.js';
export { SourceRegistrar } from './sources/register-source.js';
export { SourcesController } from './sources/sources.controller.js';
