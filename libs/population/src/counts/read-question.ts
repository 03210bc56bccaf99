import { BadRequestError } from '@chartledger/platform';
import {
  labelOf,
  type ColumnKind,
  type Comparison,
  type Dimension,
  type Filter,
  type Question,
  type Unit,
} from './question.js';
import { type ViewColumn } from './view-queries.js';

/** A request that is well-formed, before the view's columns are known. */
export interface CountsRequest {
  view: string;
  dimensions: readonly { column: string; values: readonly string[] | undefined }[];
  filters: readonly { column: string; comparison: Comparison; values: readonly string[] }[];
  of: Unit;
  /** Undefined: the least. */
  threshold: number | undefined;
  asOf: string | undefined;
  project: string;
}

const MEMBERS = ['view', 'dimensions', 'filters', 'of', 'threshold', '_asOf', 'project'];
/** A table of more has mostly hidden cells. */
export const MAX_DIMENSIONS = 4;
const MAX_FILTERS = 20;
const MAX_VALUES = 500;
const MAX_VALUE_LENGTH = 200;
const NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;
/** Questions that name no project are one analyst's. */
const DEFAULT_PROJECT = 'default';
/** The answer has members of these names beside the dimensions. */
const TAKEN = ['count', 'hidden'];
const COMPARISONS: Readonly<Record<string, { comparison: Comparison; values: 'none' | 'one' | 'some' }>> = {
  '=': { comparison: 'in', values: 'one' },
  '!=': { comparison: 'not in', values: 'one' },
  in: { comparison: 'in', values: 'some' },
  'not in': { comparison: 'not in', values: 'some' },
  '<': { comparison: '<', values: 'one' },
  '<=': { comparison: '<=', values: 'one' },
  '>': { comparison: '>', values: 'one' },
  '>=': { comparison: '>=', values: 'one' },
  'is missing': { comparison: 'is missing', values: 'none' },
  'is present': { comparison: 'is present', values: 'none' },
};

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads the body of `POST /population/counts`.
 * @param leastThreshold patients; a question can ask for more and not for fewer.
 * @throws BadRequestError that names the place and what it may be.
 */
export function readRequest(body: unknown, leastThreshold: number): CountsRequest {
  const given = fields(body, 'the body', MEMBERS);
  const { view, threshold, project = DEFAULT_PROJECT, of = 'patient' } = given;
  if (typeof view !== 'string' || view === '') throw wrong('view', 'must be the name of a registered view');
  if (of !== 'patient' && of !== 'person') throw wrong('of', 'must be patient or person');
  if (typeof project !== 'string' || !NAME.test(project))
    throw wrong('project', 'must be 1 to 64 lower-case letters, digits and hyphens');
  if (threshold !== undefined && (!Number.isSafeInteger(threshold) || (threshold as number) < leastThreshold))
    throw wrong('threshold', `must be a whole number from ${leastThreshold} on: it can be raised only`);
  const asOf = given['_asOf'];
  if (asOf !== undefined && typeof asOf !== 'string') throw wrong('_asOf', 'must be positions or an instant');
  return {
    view,
    of,
    project,
    threshold: threshold as number | undefined,
    asOf,
    dimensions: list(given['dimensions'], 'dimensions', MAX_DIMENSIONS).map(readDimension),
    filters: readFilters(given['filters']),
  };
}

function readDimension(given: unknown, index: number): CountsRequest['dimensions'][number] {
  const place = `dimensions[${index}]`;
  if (typeof given === 'string') return { column: given, values: undefined };
  const { column, values } = fields(given, place, ['column', 'values']);
  if (typeof column !== 'string') throw wrong(`${place}.column`, 'must be the name of a column');
  return { column, values: values === undefined ? undefined : readValues(values, `${place}.values`) };
}

/** A list of comparisons; or, in short, an object of columns and the value or values that are counted. */
function readFilters(given: unknown): CountsRequest['filters'] {
  if (typeof given === 'object' && given !== null && !Array.isArray(given))
    return Object.entries(given).map(([column, value]) => ({
      column,
      comparison: 'in',
      values: readValues(Array.isArray(value) ? value : [value], `filters.${column}`),
    }));
  return list(given, 'filters', MAX_FILTERS).map((one, index) => {
    const place = `filters[${index}]`;
    const { column, op = '=', value, values } = fields(one, place, ['column', 'op', 'value', 'values']);
    if (typeof column !== 'string') throw wrong(`${place}.column`, 'must be the name of a column');
    if (typeof op !== 'string' || !Object.hasOwn(COMPARISONS, op))
      throw wrong(`${place}.op`, `must be one of ${Object.keys(COMPARISONS).join(', ')}`);
    const { comparison, values: wanted } = COMPARISONS[op];
    if ((value !== undefined) !== (wanted === 'one') || (values !== undefined) !== (wanted === 'some'))
      throw wrong(place, `${op} takes ${{ none: 'no value', one: 'one value', some: 'a list of values' }[wanted]}`);
    if (wanted === 'none') return { column, comparison, values: [] };
    return wanted === 'one'
      ? { column, comparison, values: readValues([value], `${place}.value`) }
      : { column, comparison, values: readValues(values, `${place}.values`) };
  });
}

function readValues(given: unknown, place: string): string[] {
  const values = list(given, place, MAX_VALUES);
  if (values.length === 0) throw wrong(place, 'must name at least one value');
  return values.map((value) => {
    const isValue = typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
    if (!isValue) throw wrong(place, 'must be strings, numbers or booleans; op "is missing" is for what has no value');
    const text = String(value);
    if (text.length > MAX_VALUE_LENGTH) throw wrong(place, `has a value of more than ${MAX_VALUE_LENGTH} characters`);
    return text;
  });
}

/**
 * The question in its one form: the same question is the same text, in whatever order it names its filters and values.
 * @throws BadRequestError that names the place.
 */
export function toQuestion(request: CountsRequest, version: number, columns: readonly ViewColumn[]): Question {
  const find = (name: string, place: string): { column: string; kind: ColumnKind; type: string } => {
    const column = columns.find((one) => one.name === name);
    if (!column) throw wrong(place, `is no column of the view, which has ${columns.map((one) => one.name).join(', ')}`);
    const kind = kindOf(column.type);
    if (!kind) throw wrong(place, 'is a column of lists or bytes, which cannot be counted by: unnest it in the view');
    return { column: name, kind, type: column.type };
  };
  const dimensions = request.dimensions.map(({ column, values }, index): Dimension => {
    const place = `dimensions[${index}]`;
    const { kind } = find(column, place);
    if (TAKEN.includes(column))
      throw wrong(place, 'has a name that the answer needs itself: rename the column in the view');
    if (request.dimensions.findIndex((one) => one.column === column) < index) throw wrong(place, 'is named twice');
    if (values && kind === 'moment') throw wrong(`${place}.values`, 'cannot be given for moments: leave them out');
    return { column, kind, values: values && oneForm(values, kind, `${place}.values`) };
  });
  const filters = request.filters.map(({ column, comparison, values }, index): Filter => {
    const { kind, type } = find(column, `filters[${index}]`);
    return { column, kind, type, comparison, values: oneForm(values, kind, `filters[${index}]`) };
  });
  return { view: request.view, version, dimensions, filters: withoutRepeats(filters) };
}

function oneForm(values: readonly string[], kind: ColumnKind, place: string): string[] {
  const accepted = values.every((value) => FORMS[kind].test(value));
  if (!accepted) throw wrong(place, `must be ${FORM_NAMES[kind]}, as the column is`);
  return [...new Set(values.map((value) => labelOf(value, kind)!))].sort();
}

function withoutRepeats(filters: readonly Filter[]): Filter[] {
  const byText = new Map(filters.map((filter) => [JSON.stringify(filter), filter]));
  return [...byText.keys()].sort().map((text) => byText.get(text)!);
}

const FORMS: Readonly<Record<ColumnKind, RegExp>> = {
  text: /^/,
  number: /^-?\d{1,15}(\.\d{1,9})?$/,
  boolean: /^(true|false)$/,
  moment: /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?)?$/,
};
const FORM_NAMES: Readonly<Record<ColumnKind, string>> = {
  text: 'text',
  number: 'numbers',
  boolean: 'true or false',
  moment: 'dates or instants',
};

function kindOf(type: string): ColumnKind | undefined {
  if (type.endsWith(']') || /^(BLOB|STRUCT|MAP|BIT)/.test(type)) return undefined;
  if (/^(U?(TINY|SMALL|BIG|HUGE)?INT|U?INTEGER|DECIMAL|DOUBLE|FLOAT)/.test(type)) return 'number';
  if (type === 'BOOLEAN') return 'boolean';
  return type.startsWith('TIMESTAMP') ? 'moment' : 'text';
}

function list(given: unknown, place: string, most: number): unknown[] {
  if (given === undefined) return [];
  if (!Array.isArray(given) || given.length > most) throw wrong(place, `must be a list of at most ${most}`);
  return given;
}

function fields(given: unknown, place: string, known: readonly string[]): Fields {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw wrong(place, `must be an object with ${known.join(', ')}`);
  if (Object.keys(given).some((name) => !known.includes(name)))
    throw wrong(place, `has a member that is not known here: it takes ${known.join(', ')}`);
  return given as Fields;
}

function wrong(place: string, text: string): BadRequestError {
  return new BadRequestError(`${place} ${text}`);
}
