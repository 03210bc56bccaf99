import { type Environment, toItems } from '@chartledger/fhir';
import { type Cell } from './column-reader.js';
import { type PathEvaluator } from './path-evaluator.js';
import { type PlannedColumn, type PlannedSelect } from './plan.js';
import { RowError } from './view-error.js';

/**
 * Where the making of one resource's rows stands. One object serves all resources: nothing is allocated for a row.
 * A select that iterates has a slot, with the item that it stands at and that one's index.
 */
export interface Cursor {
  items: unknown[];
  indices: number[];
  row: Cell[];
  environment: Environment;
}

/** Does its part of a row and goes on to what comes after it, once for each row that it begins. */
export type Step = (cursor: Cursor) => void;

/** The items that a repeat may find in one resource, */
const MAX_REPEATED_ITEMS = 100_000;
/** and how deep within each other: `repeat: $this` would never end. Questionnaires go some ten deep. */
export const MAX_REPEATED_DEPTH = 500;

/** Links selects that stand side by side: their rows are joined each with each. */
export function linkSelects(selects: readonly PlannedSelect[], slot: number, slots: Slots, next: Step): Step {
  return selects.reduceRight((after, select) => linkSelect(select, slot, slots, after), next);
}

/** Hands out slots. */
export interface Slots {
  count: number;
}

function linkSelect(select: PlannedSelect, slot: number, slots: Slots, next: Step): Step {
  const { iteration } = select;
  const inner = iteration ? slots.count++ : slot;
  const union = select.unionAll.map((branch) => linkSelect(branch, inner, slots, next));
  const after = union.length === 0 ? next : eachOf(union);
  const body = linkColumns(select.columns, inner, linkSelects(select.selects, inner, slots, after));
  if (!iteration) return body;
  return iteration.kind === 'repeat'
    ? repeat(iteration, slot, inner, body)
    : forEach(iteration.path, iteration.kind === 'forEachOrNull', slot, inner, body);
}

function eachOf(steps: readonly Step[]): Step {
  return (cursor) => {
    for (const step of steps) step(cursor);
  };
}

function linkColumns(columns: readonly PlannedColumn[], slot: number, next: Step): Step {
  if (columns.length === 0) return next;
  const reads = columns.map(({ read }) => read);
  const offsets = columns.map(({ offset }) => offset);
  const count = columns.length;
  return (cursor) => {
    const { row, environment } = cursor;
    const item = cursor.items[slot];
    environment.rowIndex = cursor.indices[slot];
    for (let index = 0; index < count; index += 1) row[offsets[index]!] = reads[index]!(item, environment);
    next(cursor);
  };
}

/** forEach and forEachOrNull (https://sql-on-fhir.org/ig/latest/StructureDefinition-ViewDefinition.html#foreach). */
function forEach({ evaluate }: PathEvaluator, orNull: boolean, from: number, to: number, body: Step): Step {
  return (cursor) => {
    const { items, indices, environment } = cursor;
    environment.rowIndex = indices[from];
    const found = evaluate(items[from], environment);
    indices[to] = 0;
    if (!Array.isArray(found)) {
      items[to] = found ?? undefined;
      if (orNull || items[to] !== undefined) body(cursor);
      return;
    }
    const all = toItems(found);
    if (all.length === 0 && orNull) {
      items[to] = undefined;
      body(cursor);
    }
    for (let index = 0; index < all.length; index += 1) {
      items[to] = all[index];
      indices[to] = index;
      body(cursor);
    }
  };
}

interface Repeat {
  place: string;
  first: PathEvaluator[];
  next: PathEvaluator[];
}

/** repeat: what the paths find, and what they find from there, each item before what is in it. */
function repeat({ place, first, next }: Repeat, from: number, to: number, body: Step): Step {
  const visit = (
    cursor: Cursor,
    paths: readonly PathEvaluator[],
    item: unknown,
    before: number,
    depth: number,
  ): number => {
    if (depth > MAX_REPEATED_DEPTH)
      throw new RowError(place, `repeat goes deeper than ${MAX_REPEATED_DEPTH} items within each other`);
    let count = before;
    for (const { evaluate } of paths) {
      for (const found of toItems(evaluate(item, cursor.environment))) {
        if (count >= MAX_REPEATED_ITEMS)
          throw new RowError(place, `repeat finds more than ${MAX_REPEATED_ITEMS} items`);
        cursor.items[to] = found;
        cursor.indices[to] = count;
        body(cursor);
        count = visit(cursor, next, found, count + 1, depth + 1);
      }
    }
    return count;
  };
  return (cursor) => {
    cursor.environment.rowIndex = cursor.indices[from];
    visit(cursor, first, cursor.items[from], 0, 0);
  };
}
