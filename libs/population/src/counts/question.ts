import { type Positions } from '@chartledger/ledger';

/** What a column holds, as far as comparing and printing it go. */
export type ColumnKind = 'text' | 'number' | 'boolean' | 'moment';

/** A value as it is written in a question and in SQL; null is a value that is missing. */
export type Label = string | null;

/** A value in its one form: 1.50 is 1.5. */
export function labelOf(value: Label, kind: ColumnKind): Label {
  return value !== null && kind === 'number' ? String(Number(value)) : value;
}

export interface Dimension {
  column: string;
  kind: ColumnKind;
  /** Values that are named whoever has them. Undefined: those that are common enough to be named. */
  values: readonly string[] | undefined;
}

export type Comparison = 'in' | 'not in' | '<' | '<=' | '>' | '>=' | 'is missing' | 'is present';

export interface Filter {
  column: string;
  kind: ColumnKind;
  /** The type of the column in SQL. */
  type: string;
  comparison: Comparison;
  values: readonly string[];
}

export type Unit = 'patient' | 'person';

/** A question in its one form: two that ask the same are equal. */
export interface Question {
  view: string;
  /** The version of the ViewDefinition whose rows are counted. */
  version: number;
  dimensions: readonly Dimension[];
  filters: readonly Filter[];
}

/** What a project's questions have in common. */
export interface Project {
  name: string;
  unit: Unit;
  threshold: number;
}

/** A question that was answered. */
export interface AskedQuestion {
  question: Question;
  positions: Positions;
  /** The values of each dimension that were named. All others are one level, the last. */
  named: readonly (readonly Label[])[];
  /** For each region of the question, in order (see `CellSpace`), `1` if it was hidden. */
  hidden: string;
}
