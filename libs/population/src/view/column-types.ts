import { categoryOf, type StaticTypes } from '@chartledger/fhir';
import { type ViewColumn } from './definition.js';

/** What is wrong with a member of a column. */
export interface ColumnProblem {
  member: 'path' | 'type';
  text: string;
}

type Kind = 'string' | 'number' | 'boolean';

/** The primitive type that a column is of: without a type a string. `http://…/System.String` and `FHIR.string` too. */
export function columnType({ type }: ViewColumn): string | undefined {
  if (type === undefined) return undefined;
  const name = type.slice(Math.max(type.lastIndexOf('/'), type.lastIndexOf('.')) + 1);
  return SYSTEM_TYPES[name] ?? name;
}

const SYSTEM_TYPES: Readonly<Record<string, string>> = {
  Boolean: 'boolean',
  String: 'string',
  Integer: 'integer',
  Long: 'integer64',
  Decimal: 'decimal',
  Date: 'date',
  DateTime: 'dateTime',
  Time: 'time',
};

/** What does not fit together of a column's type and the types of its path's items. */
export function* checkColumn(column: ViewColumn, types: StaticTypes): Generator<ColumnProblem> {
  const type = columnType(column);
  const wanted = type === undefined ? undefined : kindOf([type]);
  if (type !== undefined && wanted === undefined)
    yield { member: 'type', text: `${type} is no primitive type of FHIR: a column holds primitives only` };
  if (types === undefined || types.length === 0) return;
  if (types.every((each) => categoryOf([each]) === 'complex'))
    yield { member: 'path', text: `gives ${types.join(' or ')}, which has elements of its own: choose one of them` };
  const given = kindOf(types);
  if (wanted !== undefined && given !== undefined && wanted !== 'string' && wanted !== given)
    yield { member: 'type', text: `is ${type}, but the path gives ${types.join(' or ')}` };
}

function kindOf(types: readonly string[]): Kind | undefined {
  if (types.length === 1 && types[0] === 'integer64') return 'number';
  const category = categoryOf(types);
  return category === 'complex' ? undefined : category === 'time' ? 'string' : category;
}
