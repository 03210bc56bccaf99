import { type Problem } from './problem.js';

/** The types that a parameter can be of. DECIMAL takes its digits and scale from the value. */
export const PARAMETER_TYPES = [
  'BOOLEAN',
  'INTEGER',
  'BIGINT',
  'DOUBLE',
  'DECIMAL',
  'VARCHAR',
  'DATE',
  'TIME',
  'TIMESTAMP',
  'TIMESTAMPTZ',
] as const;
export type ParameterType = (typeof PARAMETER_TYPES)[number];

/** A value of a type that JavaScript has not, as text: `{type: 'DATE', value: '2024-01-31'}`. A list has one type. */
export interface TypedParameter {
  type: ParameterType;
  value: string | null | readonly (string | null)[];
}

/** The value of `$name`. Of the plain ones a text is a VARCHAR, a whole number an INTEGER or BIGINT, another a DOUBLE. */
export type SqlParameter = null | boolean | number | bigint | string | TypedParameter | readonly string[];

/** Names as in the query, without `$`. */
export type SqlParameters = Readonly<Record<string, SqlParameter>>;

/** With its type, as it goes to the process: texts only, so that nothing is lost. */
export function typed(parameter: SqlParameter): TypedParameter {
  switch (typeof parameter) {
    case 'boolean':
      return { type: 'BOOLEAN', value: String(parameter) };
    case 'bigint':
      return { type: 'BIGINT', value: String(parameter) };
    case 'string':
      return { type: 'VARCHAR', value: parameter };
    case 'number':
      return { type: numberType(parameter), value: String(parameter) };
    default:
      if (parameter === null) return { type: 'VARCHAR', value: null };
      return isList(parameter) ? { type: 'VARCHAR', value: parameter } : parameter;
  }
}

function isList(parameter: TypedParameter | readonly string[]): parameter is readonly string[] {
  return Array.isArray(parameter);
}

function numberType(number: number): ParameterType {
  if (!Number.isSafeInteger(number)) return 'DOUBLE';
  return number === Math.trunc(number) && Math.abs(number) < 2 ** 31 ? 'INTEGER' : 'BIGINT';
}

/** What the text is cast to: DECIMAL as wide as what was sent, so that no digit is lost. */
export function castType({ type, value }: TypedParameter): string {
  if (type !== 'DECIMAL') return type;
  const texts = (Array.isArray(value) ? value : [value]) as (string | null)[];
  const scale = Math.max(0, ...texts.map((text) => /\.(\d+)$/.exec(text ?? '')?.[1].length ?? 0));
  return `DECIMAL(38, ${Math.min(38, scale)})`;
}

/** Every `$name` of the query has a value, and every value a `$name`: a misspelt one must not be taken for NULL. */
export function checkParameters(names: readonly string[], given: Readonly<Record<string, unknown>>): Problem[] {
  const isNamed = new Set(names);
  return [
    ...names
      .filter((name) => !Object.hasOwn(given, name))
      .map((name): Problem => ({ kind: 'parameter', message: `the parameter $${name} has no value: send one` })),
    ...Object.keys(given)
      .filter((name) => !isNamed.has(name))
      .map((name): Problem => ({
        kind: 'parameter',
        message: `there is a value for $${name.slice(0, 60)}, which the query does not have: take it out or correct its name`,
      })),
  ];
}
