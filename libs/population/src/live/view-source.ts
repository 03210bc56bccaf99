import { compileView, type CompiledView } from '../view/compile-view.js';
import { type ViewColumn } from '../view/definition.js';
import { duckType, type DuckColumn } from '../view/duck-type.js';

/** A ViewDefinition, compiled, with its columns as the store keeps them. */
export interface ViewSource extends Pick<CompiledView, 'name' | 'resource' | 'rows'> {
  columns: readonly DuckColumn[];
  /** The same columns as the definition has them. */
  defined: readonly ViewColumn[];
}

/** @throws ViewError with every fault and its place. */
export function viewSource(definition: unknown): ViewSource {
  const { name, resource, columns, rows } = compileView(definition);
  return { name, resource, columns: columns.map(duckType), defined: columns, rows };
}
