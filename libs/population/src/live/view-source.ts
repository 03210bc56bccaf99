import { type TableColumn } from '../store/view-table.js';
import { columnType } from '../view/column-types.js';
import { compileView, type Emit } from '../view/compile-view.js';
import { type ViewColumn } from '../view/definition.js';

/** A ViewDefinition, compiled: what the store needs of it. */
export interface ViewSource {
  name?: string;
  /** The type of the resources that it reads. */
  resource: string;
  columns: readonly TableColumn[];
  /** See `CompiledView.rows`. */
  rows(resource: unknown, emit: Emit, source: string): void;
}

/** @throws ViewError with every fault and its place. */
export function viewSource(definition: unknown): ViewSource {
  const { name, resource, columns, rows } = compileView(definition);
  return {
    ...(name === undefined ? {} : { name }),
    resource,
    columns: columns.map((column) => ({ name: column.name, type: duckType(column) })),
    rows: (of, emit, source) => rows(of, emit, source),
  };
}

/** The DuckDB type of a column. Without a type hint what FHIR's type holds: times as their text, which may be partial. */
function duckType(column: ViewColumn): string {
  const type = DUCK_TYPES[columnType(column) ?? 'string'] ?? 'VARCHAR';
  return column.collection ? `${type}[]` : type;
}

const DUCK_TYPES: Readonly<Record<string, string>> = {
  boolean: 'BOOLEAN',
  integer: 'INTEGER',
  positiveInt: 'INTEGER',
  unsignedInt: 'INTEGER',
  integer64: 'BIGINT',
  decimal: 'DOUBLE',
};
