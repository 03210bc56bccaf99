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
