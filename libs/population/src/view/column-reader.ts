import { Decimal, type Environment, toItems } from '@chartledger/fhir';
import { type ColumnDefinition } from './definition.js';
import { type PathEvaluator } from './path-evaluator.js';
import { RowError } from './view-error.js';

/** A value of a row: null where there is none, an array in a column that is a collection. */
export type Scalar = string | number | boolean | Decimal;
export type Cell = Scalar | readonly Scalar[] | null;

/** Reads a column's value of the item that its select stands at. Throws RowError. */
export type ColumnReader = (item: unknown, environment: Environment) => Cell;

export function readerOf({ evaluate }: PathEvaluator, { collection, path: { place } }: ColumnDefinition): ColumnReader {
  if (collection)
    return (item, environment) => toItems(evaluate(item, environment)).map((value) => scalar(value, place));
  return (item, environment) => {
    const value = evaluate(item, environment);
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
    return value === undefined || value === null ? null : single(value, place);
  };
}

function single(value: object | bigint | symbol, place: string): Cell {
  const items = toItems(value);
  if (items.length > 1)
    throw new RowError(place, `gives ${items.length} values: use first(), forEach, or "collection": true`);
  return items.length === 0 ? null : scalar(items[0], place);
}

function scalar(value: unknown, place: string): Scalar {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (value instanceof Decimal) return value;
  throw new RowError(place, 'gives a value with elements of its own: choose one of them');
}
