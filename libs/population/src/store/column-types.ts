import {
  BIGINT,
  BOOLEAN,
  DATE,
  DECIMAL,
  DOUBLE,
  dateValue,
  decimalValue,
  INTEGER,
  LIST,
  listValue,
  TIMESTAMP,
  TIMESTAMPTZ,
  timestampTZValue,
  timestampValue,
  UBIGINT,
  VARCHAR,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api';

/** How the values of a column are written. */
export interface ColumnType {
  type: DuckDBType;
  /** @throws RangeError, without the value in its text, for a value that the type does not hold. */
  toDuck(value: unknown): DuckDBValue;
}

const DECIMAL_TYPE = /^DECIMAL\((\d+),\s*(\d+)\)$/;
const INTEGER_TEXT = /^-?\d{1,19}$/;
const DECIMAL_TEXT = /^(-?)(\d+)(?:\.(\d+))?$/;
const DAY = /^\d{4}-\d\d-\d\d$/;
const MS_PER_DAY = 86_400_000;
const MAX_INT = 2 ** 31 - 1;
const MAX_BIGINT = 2n ** 63n - 1n;

/** The writer of a column of a DuckDB type, written as in SQL. @throws TypeError for a type that no view's column has. */
export function columnType(sql: string): ColumnType {
  if (sql.endsWith('[]')) return listOf(columnType(sql.slice(0, -2)));
  const known = KNOWN[sql];
  if (known) return known;
  const decimal = DECIMAL_TYPE.exec(sql);
  if (decimal) return decimalType(Number(decimal[1]), Number(decimal[2]));
  throw new TypeError(`a view's column cannot be of type ${sql}`);
}

const KNOWN: Readonly<Record<string, ColumnType>> = {
  VARCHAR: { type: VARCHAR, toDuck: (value) => (typeof value === 'string' ? value : textOf(value)) },
  BOOLEAN: { type: BOOLEAN, toDuck: (value) => (typeof value === 'boolean' ? value : refuse('a boolean')) },
  INTEGER: { type: INTEGER, toDuck: integerOf },
  BIGINT: { type: BIGINT, toDuck: bigintOf },
  UBIGINT: { type: UBIGINT, toDuck: bigintOf },
  DOUBLE: { type: DOUBLE, toDuck: doubleOf },
  DATE: { type: DATE, toDuck: (value) => dateValue(daysOf(value)) },
  TIMESTAMP: { type: TIMESTAMP, toDuck: (value) => timestampValue(microsOf(value)) },
  TIMESTAMPTZ: { type: TIMESTAMPTZ, toDuck: (value) => timestampTZValue(microsOf(value)) },
};

function listOf(item: ColumnType): ColumnType {
  return {
    type: LIST(item.type),
    toDuck: (value) => {
      const items = Array.isArray(value) ? value : [value];
      return listValue(items.map((one: unknown) => (one === null || one === undefined ? null : item.toDuck(one))));
    },
  };
}

/** Exact: what has more digits than the type holds is refused, not rounded. */
function decimalType(width: number, scale: number): ColumnType {
  const limit = 10n ** BigInt(width);
  return {
    type: DECIMAL(width, scale),
    toDuck: (value) => {
      const [, sign, whole, fraction = ''] = DECIMAL_TEXT.exec(textOf(value)) ?? refuse('a decimal');
      const digits = fraction.replace(/0+$/, '');
      if (digits.length > scale) return refuse(`a decimal with at most ${scale} digits after the point`);
      const scaled = BigInt(whole + digits.padEnd(scale, '0'));
      if (scaled >= limit) return refuse(`a decimal of at most ${width} digits`);
      return decimalValue(sign ? -scaled : scaled, width, scale);
    },
  };
}

function textOf(value: unknown): string {
  return typeof value === 'object' && value !== null && !hasOwnText(value) ? JSON.stringify(value) : String(value);
}

/** A number that kept its digits is an object with a text of its own. */
function hasOwnText(value: object): boolean {
  return value.toString !== Object.prototype.toString && !Array.isArray(value);
}

function integerOf(value: unknown): number {
  const number = Number(value);
  return Number.isInteger(number) && Math.abs(number) <= MAX_INT ? number : refuse('an integer of 32 bits');
}

function bigintOf(value: unknown): bigint {
  if (typeof value === 'bigint') return value;
  const text = textOf(value);
  const number = INTEGER_TEXT.test(text) ? BigInt(text) : refuse('an integer of 64 bits');
  return number <= MAX_BIGINT && number >= -MAX_BIGINT ? number : refuse('an integer of 64 bits');
}

function doubleOf(value: unknown): number {
  const number = typeof value === 'number' ? value : Number(value);
  return Number.isNaN(number) ? refuse('a number') : number;
}

function daysOf(value: unknown): number {
  return typeof value === 'string' && DAY.test(value)
    ? Math.floor(timeOf(value) / MS_PER_DAY)
    : refuse('a whole date, YYYY-MM-DD');
}

function microsOf(value: unknown): bigint {
  return BigInt(timeOf(value)) * 1000n;
}

function timeOf(value: unknown): number {
  const time = typeof value === 'string' ? Date.parse(value) : NaN;
  return Number.isNaN(time) ? refuse('a date with a time') : time;
}

function refuse(what: string): never {
  throw new RangeError(`the value is not ${what}, which its column takes`);
}
