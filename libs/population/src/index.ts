export { STARTING_QUERIES, type StartingLibrary } from './starting-set/queries/index.js';
export { STARTING_VIEWS, type StartingView } from './starting-set/starting-views.js';
export { cellJson } from './view/cell-json.js';
export { checkViewDefinition } from './view/check-view.js';
export { type Cell, type Scalar } from './view/column-reader.js';
export {
  compileView,
  type CompiledView,
  type Emit,
  MAX_ROWS_OF_A_RESOURCE,
  type ViewOptions,
} from './view/compile-view.js';
export { type ColumnTag, type ViewColumn } from './view/definition.js';
export { type DuckColumn, duckType } from './view/duck-type.js';
export { type Engine } from './view/path-evaluator.js';
export { type Fault, RowError, ViewError } from './view/view-error.js';
export { PopulationProjector, type ProjectorContext } from './live/projector.js';
export { RowsThread } from './live/rows-thread.js';
export { type KeptView } from './live/registered-view.js';
export { type PopulationStatus, type ViewStatus } from './live/status.js';
export { viewRelation, viewRows, type Scope } from './query/snapshot.js';
export { PopulationStore } from './store/population-store.js';
export { tableName } from './store/view-table.js';
export {
  deidentifyView,
  TABLE_COLUMNS,
  TAG,
  type DeidentifiedView,
  type DeidentifyPolicy,
  type DroppedColumn,
  type ShownColumn,
  type Treatment,
} from './deidentify/deidentify-view.js';
export { type PopulationGauges } from './live/gauges.js';
export { addPopulationMetrics, timeBy } from './population-metrics.js';
export { Projects } from './deidentify/projects.js';
export { ProjectSecret } from './deidentify/project-secret.js';
export { deidentifiedSql, treat, treatSql, type TreatOptions } from './deidentify/treat.js';
export { type Allowed } from './locked-sql/allowed.js';
export { checkSql } from './locked-sql/check-sql.js';
export { SqlFailedError, SqlLimitError, SqlRefusedError } from './locked-sql/errors.js';
export { DEFAULT_LIMITS, DEFAULT_POOL, type PoolOptions, type QueryLimits } from './locked-sql/limits.js';
export { openLocked, type Column } from './locked-sql/locked-database.js';
export { LockedSql, type LockedSqlOptions, type RunOptions, type SqlResult } from './locked-sql/locked-sql.js';
export {
  type ParameterType,
  type SqlParameter,
  type SqlParameters,
  type TypedParameter,
} from './locked-sql/parameters.js';
export { describeProblem, type Problem } from './locked-sql/problem.js';
export { type Population, type PositionList, type TrustedStatement, type ViewShape } from './query/population.js';
export { PopulationService } from './query/population-service.js';
export { type SqlQuestion } from './query/population.js';
export { PopulationThread } from './query/population-thread.js';
export { servePopulation } from './query/serve-population.js';
export { PatientScope } from './query/patient-scope.js';
export { PopulationController } from './query/population.controller.js';
export { SqlOnFhir } from './query/sql-on-fhir.js';
export { SqlOnFhirController } from './query/sql-on-fhir.controller.js';
export { headPositions, positionsAt } from './query/moments.js';
export { type CountsAnswer } from './counts/answer.js';
export { AskedQuestions } from './counts/asked-questions.js';
export { type Count, type CountResult, type CountTask } from './counts/count-question.js';
export { CountThread } from './counts/count-thread.js';
export { CountsController } from './counts/counts.controller.js';
export { CountsService, LEAST_THRESHOLD } from './counts/counts.service.js';
export { countStatement, type CountRow, type CountStatement, type Relation } from './counts/counts.sql.js';
export { countsTables } from './counts/counts.tables.js';
export { LiveViewQueries } from './counts/live-view-queries.js';
export { type ViewQueries } from './counts/view-queries.js';
export { checkLibrary } from './measure/check-library.js';
export { checkMeasure } from './measure/check-measure.js';
export { MeasureController } from './measure/measure.controller.js';
export { MeasureService, type ComputedReport } from './measure/measure.service.js';
export { measureTables } from './measure/measure.tables.js';
export { openMeasures, type MeasureGround } from './measure/open-measures.js';
export {
  reportEdges,
  ReportLineage,
  type EntryPlace,
  type ReportEdge,
  type ReportedSubject,
} from './measure/report-lineage.js';
export { type StoredReport } from './measure/report-store.js';
export { startingMeasures } from './starting-set/measures/index.js';
