import { calculate, compareNumerics, Decimal, isNumeric } from './decimal.js';
import { timeKey } from './time.js';
import { type Collection, toItems } from './values.js';

/**
 * Up to this many items each pair is compared; above it items are keyed, so that the cost stays linear in hostile
 * input.
 */
const MAX_PAIRWISE_ITEMS = 16;

/**
 * The collection without repeated items, as `|` wants it (http://hl7.org/fhirpath/N1/#union-collections): items are the
 * same when their JSON is, in whatever order the properties stand.
 */
export function distinct(collection: Collection): Collection {
  if (!Array.isArray(collection) || collection.length < 2) return collection;
  const items = toItems(collection);
  return items.length <= MAX_PAIRWISE_ITEMS ? distinctByPairs(items) : distinctByKey(items);
}

/** The same for times: one moment in two zones is one item. */
export function distinctTimes(collection: Collection): Collection {
  if (!Array.isArray(collection) || collection.length < 2) return collection;
  const byKey = new Map<unknown, unknown>();
  for (const item of toItems(collection)) {
    const key = timeKey(item);
    if (!byKey.has(key)) byKey.set(key, item);
  }
  return [...byKey.values()];
}

function distinctByPairs(items: readonly unknown[]): unknown[] {
  const kept: unknown[] = [];
  for (const item of items) if (!kept.some((other) => isSameJson(item, other))) kept.push(item);
  return kept;
}

function distinctByKey(items: readonly unknown[]): unknown[] {
  const byKey = new Map<string, unknown>();
  for (const item of items) {
    const key = JSON.stringify(item, withSortedKeys);
    if (!byKey.has(key)) byKey.set(key, item);
  }
  return [...byKey.values()];
}

function withSortedKeys(_key: string, value: unknown): unknown {
  if (value instanceof Decimal) return calculate('+', value, 0)?.toString();
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Whether two parsed JSON values are equal, objects in whatever order of their properties. */
export function isSameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (isNumeric(a) && isNumeric(b)) return compareNumerics(a, b) === 0;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isSameJson((a as Json)[key], (b as Json)[key]))
  );
}

type Json = Record<string, unknown>;
