export { type CheckpointDirectory, type Covering } from './checkpoint-directory.js';
export { LineageController } from './lineage.controller.js';
export { LineageProjection } from './lineage.projection.js';
export { LineageService } from './lineage.service.js';
export { type ReportLookups } from './report-lookups.js';
