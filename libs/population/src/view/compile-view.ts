import { type Environment, toItems } from '@chartledger/fhir';
import { type Cell } from './column-reader.js';
import { type Cursor, linkSelects, type Step } from './compile-select.js';
import { readDefinition, type ViewColumn } from './definition.js';
import { type PathText } from './element-reader.js';
import { type Engine, type PathEvaluator } from './path-evaluator.js';
import { Planner } from './plan.js';
import { type Fault, RowError, ViewError } from './view-error.js';

/** Takes a row, its cells in the order of the columns. The array is used again: copy what is to be kept. */
export type Emit = (row: readonly Cell[]) => void;

export interface CompiledView {
  name?: string;
  /** The type of the resources that it makes rows of. */
  resource: string;
  columns: readonly ViewColumn[];
  /** How many of its expressions go which way. */
  engines: Readonly<Record<Engine, number>>;
  /** What its paths ask for that FHIR R4 does not have: a mistake, unless a source sends what is not R4. */
  unknownElements: readonly Fault[];
  /**
   * Hands the rows of one resource to `emit`; none for a resource of another type. Rows that were handed over before it
   * throws are to be dropped. MUST NOT be called within `emit`.
   * @param resource parsed JSON; numbers keep their digits where parseLossless parsed it.
   * @param source leads the keys of getResourceKey() and getReferenceKey(): ids are unique in one source only.
   * @throws RowError
   */
  rows(resource: unknown, emit: Emit, source?: string): void;
}

export interface ViewOptions {
  /** The only way to evaluate expressions; without it closures, and fhirpath.js for what they do not cover. */
  engine?: Engine;
}

/** The rows of one resource; a join of its lists with each other could make any number. */
export const MAX_ROWS_OF_A_RESOURCE = 100_000;

/**
 * Compiles a ViewDefinition of SQL on FHIR (https://sql-on-fhir.org/ig/latest/, 2.0 and 3.0-ballot).
 * @throws ViewError with every fault and its place.
 */
export function compileView(definition: unknown, options: ViewOptions = {}): CompiledView {
  const faults: Fault[] = [];
  const view = readDefinition(definition, faults);
  if (faults.length > 0) throw new ViewError(faults);

  const planner = new Planner(view, faults, options.engine);
  const types = [view.resource];
  const columns: ViewColumn[] = [];
  const conditions = view.where.map((path) => conditionOf(path, planner.knownPath(path, types), faults));
  const selects = planner.selects(view.selects, types, columns);
  if (faults.length > 0) throw new ViewError(faults);

  const { name, resource } = view;
  const slots = { count: 1 };
  let emitRow: Emit = () => undefined;
  let count = 0;
  const last: Step = ({ row }) => {
    if (++count > MAX_ROWS_OF_A_RESOURCE)
      throw new RowError('ViewDefinition.select', `makes more than ${MAX_ROWS_OF_A_RESOURCE} rows of one resource`);
    emitRow(row);
  };
  const step = linkSelects(selects, 0, slots, last);
  const cursor: Cursor = {
    items: new Array<unknown>(slots.count),
    indices: new Array<number>(slots.count).fill(0),
    row: new Array<Cell>(columns.length).fill(null),
    environment: { resource: undefined, rowIndex: 0, source: undefined, strict: true },
  };

  const rows = (of: unknown, emit: Emit, source?: string): void => {
    if ((of as { resourceType?: unknown } | null)?.resourceType !== resource) return;
    const { environment } = cursor;
    environment.resource = of;
    environment.source = source;
    environment.rowIndex = 0;
    for (const holds of conditions) if (!holds(of, environment)) return;
    cursor.items[0] = of;
    emitRow = emit;
    count = 0;
    step(cursor);
  };
  const { engines, unknownElements } = planner;
  return { name, resource, columns, engines, unknownElements, rows };
}

type Condition = (resource: unknown, environment: Environment) => boolean;

/** A where holds if its path gives true; nothing counts as false. */
function conditionOf({ place, text }: PathText, { evaluate, types }: PathEvaluator, faults: Fault[]): Condition {
  if (types !== undefined && !types.includes('boolean'))
    faults.push({ place, problem: `must give true or false, but gives ${types.join(' or ')}; try ${text}.exists()` });
  return (resource, environment) => {
    const [value, ...others] = toItems(evaluate(resource, environment));
    if (others.length > 0 || (value !== undefined && typeof value !== 'boolean'))
      throw new RowError(place, 'must give true or false');
    return value === true;
  };
}
