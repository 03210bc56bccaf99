import { type StaticTypes } from '@chartledger/fhir';
import { type ColumnReader, readerOf } from './column-reader.js';
import { checkColumn } from './column-types.js';
import {
  type ColumnDefinition,
  type Iteration,
  type SelectDefinition,
  type ViewColumn,
  type ViewTree,
} from './definition.js';
import { checkExpression } from './check-expression.js';
import { type PathText } from './element-reader.js';
import { unknownSqlType } from './duck-type.js';
import { compileEvaluator, type Engine, type PathEvaluator } from './path-evaluator.js';
import { type Fault } from './view-error.js';

/** A column's place in the row and how its value is read. */
export interface PlannedColumn {
  offset: number;
  read: ColumnReader;
}

export type PlannedIteration =
  | { kind: 'forEach' | 'forEachOrNull'; path: PathEvaluator }
  /** `first` starts from the select's item, `next` from each item that was found. */
  | { kind: 'repeat'; place: string; first: PathEvaluator[]; next: PathEvaluator[] };

/** A select whose expressions are compiled and whose columns have their offsets. */
export interface PlannedSelect {
  iteration?: PlannedIteration;
  columns: PlannedColumn[];
  selects: PlannedSelect[];
  unionAll: PlannedSelect[];
}

const NEVER: PathEvaluator = { evaluate: () => undefined, types: undefined, engine: 'closures', unknownElements: [] };

/** Compiles the expressions of a view and gives each column its offset. What is wrong goes to `faults`. */
export class Planner {
  readonly unknownElements: Fault[] = [];
  readonly engines: Record<Engine, number> = { closures: 0, 'fhirpath.js': 0 };

  constructor(
    private readonly view: ViewTree,
    private readonly faults: Fault[],
    private readonly engine: Engine | undefined,
  ) {}

  private path(path: PathText, types: StaticTypes): PathEvaluator {
    const faults = checkExpression(path, this.view.constants);
    this.faults.push(...faults);
    if (faults.length > 0) return NEVER;
    const evaluator = compileEvaluator(path, { types, variables: this.view.constants, engine: this.engine });
    if (!evaluator) this.fault(path.place, `is not covered by ${this.engine} alone`);
    else this.engines[evaluator.engine] += 1;
    return evaluator ?? NEVER;
  }

  /** The same, and notes what the definitions do not have. */
  knownPath(path: PathText, types: StaticTypes): PathEvaluator {
    const evaluator = this.path(path, types);
    this.noteUnknown(path, evaluator);
    return evaluator;
  }

  private noteUnknown({ place }: PathText, { unknownElements }: PathEvaluator): void {
    for (const problem of unknownElements) this.unknownElements.push({ place, problem });
  }

  /** Plans a list of selects; each appends its columns to `columns`. */
  selects(selects: readonly SelectDefinition[], types: StaticTypes, columns: ViewColumn[]): PlannedSelect[] {
    return selects.map((select) => this.select(select, types, columns));
  }

  private select(select: SelectDefinition, of: StaticTypes, columns: ViewColumn[]): PlannedSelect {
    const [iteration, types] = select.iteration ? this.iteration(select.iteration, of, select.place) : [undefined, of];
    return {
      iteration,
      columns: select.columns.map((column) => this.column(column, types, columns)),
      selects: this.selects(select.selects, types, columns),
      unionAll: this.unionAll(select, types, columns),
    };
  }

  private iteration(iteration: Iteration, of: StaticTypes, place: string): [PlannedIteration, StaticTypes] {
    if (iteration.kind === 'repeat') return this.repeat(iteration.paths, of, place);
    const path = this.knownPath(iteration.path, of);
    return [{ kind: iteration.kind, path }, path.types];
  }

  /** An item may be found at any depth, so its types are those that the paths lead to from each other. */
  private repeat(paths: readonly PathText[], of: StaticTypes, place: string): [PlannedIteration, StaticTypes] {
    const first = paths.map((path) => this.path(path, of));
    let types = joined(first);
    for (;;) {
      const next = paths.map(
        (path) => compileEvaluator(path, { types, variables: this.view.constants, engine: this.engine }) ?? NEVER,
      );
      const all = joined([...next, { ...NEVER, types }]);
      if (all?.length === types?.length) {
        this.noteUnknownOfRepeat(paths, first, next);
        return [{ kind: 'repeat', place, first, next }, types];
      }
      types = all;
    }
  }

  /** A path may lead on from where it started, from what was found, or from both. */
  private noteUnknownOfRepeat(paths: readonly PathText[], first: PathEvaluator[], next: PathEvaluator[]): void {
    paths.forEach((path, index) => {
      const [start, after] = [first[index] as PathEvaluator, next[index] as PathEvaluator];
      if (after.unknownElements.length > 0) this.noteUnknown(path, start);
    });
  }

  private column(column: ColumnDefinition, types: StaticTypes, columns: ViewColumn[]): PlannedColumn {
    const { path, ...shown } = column;
    const place = path.place.replace(/\.path$/, '');
    const evaluator = this.knownPath(path, types);
    for (const problem of checkColumn(column, evaluator.types)) this.fault(`${place}.${problem.member}`, problem.text);
    const sqlType = unknownSqlType(column);
    if (sqlType !== undefined) this.fault(`${place}.tag`, `${sqlType} is no ansi/type that is served here`);
    if (columns.some(({ name }) => name.toLowerCase() === column.name.toLowerCase()))
      this.fault(`${place}.name`, `${column.name} is a column already`);
    columns.push({ ...shown, type: column.type ?? onlyOf(evaluator.types) });
    return { offset: columns.length - 1, read: readerOf(evaluator, column) };
  }

  /** The branches fill the same columns, so they MUST name the same in the same order. */
  private unionAll(select: SelectDefinition, types: StaticTypes, columns: ViewColumn[]): PlannedSelect[] {
    const before = columns.length;
    const [first, ...others] = select.unionAll.map((branch) => {
      const own = columns.slice(0, before);
      return { place: branch.place, planned: this.select(branch, types, own), columns: own.slice(before) };
    });
    if (!first) return [];
    const names = namesOf(first.columns);
    for (const { place, columns: own } of others)
      if (namesOf(own) !== names) this.fault(place, `has the columns ${namesOf(own)}, the first of the union ${names}`);
    columns.push(...first.columns);
    return [first, ...others].map(({ planned }) => planned);
  }

  private fault(place: string, problem: string): void {
    this.faults.push({ place, problem });
  }
}

/** The type that a column has without saying it, where the path tells. */
function onlyOf(types: StaticTypes): string | undefined {
  return types?.length === 1 ? types[0] : undefined;
}

function namesOf(columns: readonly ViewColumn[]): string {
  return columns.map(({ name, collection }) => (collection ? `${name} (a list)` : name)).join(', ');
}

/** The types that any of them gives; what asks for elements that there are not gives none. */
function joined(evaluators: readonly PathEvaluator[]): StaticTypes {
  const all = new Set<string>();
  for (const { types, unknownElements } of evaluators) {
    if (types === undefined && unknownElements.length > 0) continue;
    if (types === undefined) return undefined;
    for (const type of types) all.add(type);
  }
  return [...all];
}
