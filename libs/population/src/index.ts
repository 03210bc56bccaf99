export { cellJson } from './view/cell-json.js';
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
export { type KeptView } from './live/registered-view.js';
export { type PopulationStatus, type ViewStatus } from './live/status.js';
export { viewRelation, viewRows, type Scope } from './query/snapshot.js';
export { PopulationStore } from './store/population-store.js';
export { tableName } from './store/view-table.js';
