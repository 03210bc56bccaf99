import { categoryOf, isResourceType, type Variable } from '@chartledger/fhir';
import { ElementReader, type PathText } from './element-reader.js';
import { type Fault } from './view-error.js';

export interface ColumnTag {
  name: string;
  value: string;
}

/** A column as a view defines it (https://sql-on-fhir.org/ig/latest/StructureDefinition-ViewDefinition.html). */
export interface ViewColumn {
  name: string;
  /** A FHIR primitive: `string`, `decimal`, `dateTime`. Of a compiled view the path's where the column says none. */
  type?: string;
  /** Whether the value is a list. */
  collection: boolean;
  description?: string;
  tags: readonly ColumnTag[];
}

export interface ColumnDefinition extends ViewColumn {
  path: PathText;
}

/** What a select iterates over, once for each item. */
export type Iteration =
  | { kind: 'forEach'; path: PathText }
  | { kind: 'forEachOrNull'; path: PathText }
  | { kind: 'repeat'; paths: readonly PathText[] };

export interface SelectDefinition {
  place: string;
  iteration?: Iteration;
  columns: readonly ColumnDefinition[];
  selects: readonly SelectDefinition[];
  unionAll: readonly SelectDefinition[];
}

/** A ViewDefinition whose structure holds; its expressions are not looked at yet. */
export interface ViewTree {
  name?: string;
  resource: string;
  constants: ReadonlyMap<string, Variable>;
  where: readonly PathText[];
  selects: readonly SelectDefinition[];
}

/** Selects within each other; a bound keeps the compiler's stack flat. */
const MAX_DEPTH = 50;

/** Names that SQL takes without quoting (invariant sql-name). */
const SQL_NAME = /^[A-Za-z][A-Za-z0-9_]{0,254}$/;
const NO_SQL_NAME = 'must begin with a letter, and hold letters, digits and _ only (at most 255)';

/**
 * Reads the structure of a ViewDefinition of SQL on FHIR 2.0 or 3.0-ballot.
 * @param faults takes what is wrong; then the tree is not to be used.
 */
export function readDefinition(definition: unknown, faults: Fault[]): ViewTree {
  const view = ElementReader.of(definition, 'ViewDefinition', faults);
  const type = view.value('resourceType');
  if (type !== undefined && type !== 'ViewDefinition') view.fault('resourceType', 'is not ViewDefinition');
  const resource = view.requiredString('resource');
  if (resource !== '' && !isResourceType(resource))
    view.fault('resource', `${resource} is no resource type of FHIR R4`);
  const selects = view.elements('select').map((select) => readSelect(select, 0));
  if (selects.length === 0 && faults.length === 0) view.fault('select', 'is missing: a view needs at least one');
  const name = view.string('name');
  if (name !== undefined && !SQL_NAME.test(name)) view.fault('name', NO_SQL_NAME);
  return {
    name,
    resource,
    constants: readConstants(view),
    where: view.elements('where').map((where) => where.requiredPath('path')),
    selects,
  };
}

function readSelect(select: ElementReader, depth: number): SelectDefinition {
  const { place } = select;
  if (depth > MAX_DEPTH) {
    select.fault(undefined, `more than ${MAX_DEPTH} selects stand within each other`);
    return { place, columns: [], selects: [], unionAll: [] };
  }
  return {
    place,
    iteration: readIteration(select),
    columns: select.elements('column').map(readColumn),
    selects: select.elements('select').map((inner) => readSelect(inner, depth + 1)),
    unionAll: select.elements('unionAll').map((inner) => readSelect(inner, depth + 1)),
  };
}

function readIteration(select: ElementReader): Iteration | undefined {
  const kinds = (['forEach', 'forEachOrNull', 'repeat'] as const).filter((kind) => select.value(kind) !== undefined);
  const [kind, other] = kinds;
  if (kind === undefined) return undefined;
  if (other !== undefined) select.fault(other, `stands beside ${kind}: a select takes one of them`);
  return kind === 'repeat' ? { kind, paths: select.paths(kind) } : { kind, path: select.requiredPath(kind) };
}

function readColumn(column: ElementReader): ColumnDefinition {
  const name = column.requiredString('name');
  if (name !== '' && !SQL_NAME.test(name)) column.fault('name', NO_SQL_NAME);
  return {
    name,
    type: column.string('type'),
    collection: column.boolean('collection') ?? false,
    description: column.string('description'),
    tags: column
      .elements('tag')
      .map((tag) => ({ name: tag.requiredString('name'), value: tag.requiredString('value') })),
    path: column.requiredPath('path'),
  };
}

function readConstants(view: ElementReader): Map<string, Variable> {
  const constants = new Map<string, Variable>();
  for (const constant of view.elements('constant')) {
    const name = constant.requiredString('name');
    if (constants.has(name)) constant.fault('name', `${name} is defined twice`);
    constants.set(name, readValue(constant, name));
  }
  return constants;
}

function readValue(constant: ElementReader, name: string): Variable {
  const values = constant.names().filter((key) => key.startsWith('value'));
  const [key] = values;
  if (key === undefined || values.length > 1) {
    constant.fault(undefined, `the constant ${name} needs one value[x], such as valueString`);
    return { value: undefined, types: undefined };
  }
  const type = key.charAt('value'.length).toLowerCase() + key.slice('value'.length + 1);
  const value = constant.value(key);
  const category = categoryOf([type]);
  if (category === undefined || category === 'complex') constant.fault(key, 'is of no primitive type');
  else if (typeof value !== JSON_TYPES[category] && !(category === 'number' && typeof value === 'object'))
    constant.fault(key, `is no ${type}`);
  return { value, types: [type] };
}

const JSON_TYPES = { string: 'string', time: 'string', number: 'number', boolean: 'boolean' } as const;
