export { checkLibrary } from './measure/check-library.js';
export { checkMeasure } from './measure/check-measure.js';
export { MeasureController } from './measure/measure.controller.js';
export { MeasureService, type ComputedReport, type StoredReport } from './measure/measure.service.js';
export { measureTables } from './measure/measure.tables.js';
export { openMeasures, type MeasureGround } from './measure/open-measures.js';
export {
  reportEdges,
  ReportLineage,
  type EntryPlace,
  type ReportEdge,
  type ReportedSubject,
} from './measure/report-lineage.js';
export { startingMeasures } from './starting-set/measures/index.js';
