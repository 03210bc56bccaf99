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
