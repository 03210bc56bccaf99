import { type Positions } from '@chartledger/ledger';
import { type CountRow, type CountStatement } from './counts.sql.js';

export interface ViewColumn {
  name: string;
  /** As DuckDB's SQL writes it: `VARCHAR`, `DECIMAL(18,3)`, `VARCHAR[]`. */
  type: string;
}

/** The registered views, as far as counting needs them. */
export interface ViewQueries {
  /** The columns of a view's own, and the version of its ViewDefinition; undefined where there is no such view. */
  view(name: string): Promise<{ version: number; columns: readonly ViewColumn[] } | undefined>;
  /** The positions that a moment stands for; what is answered now when none is named. @throws BadRequestError. */
  positions(asOf: string | undefined): Promise<Positions>;
  /**
   * Runs the statement, each relation being what `with NAME as (…)` puts before it: the view's own columns, `patient_key` and
   * `person_key`, of the rows that held at the relation's positions. One snapshot for all of them.
   */
  query(statement: CountStatement): Promise<readonly CountRow[]>;
}
