import { isNumeric, type Numeric, numericScaled } from '@chartledger/fhir';
import {
  BIGINT,
  BOOLEAN,
  DATE,
  DECIMAL,
  DOUBLE,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimeValue,
  type DuckDBType,
  type DuckDBValue,
  INTEGER,
  LIST,
  TIME,
  TIMESTAMP,
  TIMESTAMPTZ,
  VARCHAR,
} from '@duckdb/node-api';
import { type Packing, type Plain } from './packed-column.js';
import { type Cell, type Scalar } from './column-reader.js';
import { columnType } from './column-types.js';
import { type ViewColumn } from './definition.js';
import { daysOf, microsecondsOf, timeOfDayMicroseconds } from './duck-time.js';
import { RowError } from './view-error.js';

/** How DuckDB keeps a column of a view. */
export interface DuckColumn {
  name: string;
  /** As in CREATE TABLE: `VARCHAR`, `DECIMAL(18,4)`, `INTEGER[]`. */
  sql: string;
  type: DuckDBType;
  packing: Packing;
  /**
   * A cell as it is packed.
   * @throws RowError for what the type cannot hold.
   */
  plain: (cell: Cell) => Plain;
  /** A packed value that is not null as DuckDB's client takes it; undefined where that is the same. */
  revive?: (value: Plain) => DuckDBValue;
}

/** A type and how a value becomes one of it; null is what is not known precisely enough for it. */
interface ScalarType {
  type: DuckDBType;
  packing: Packing;
  convert: (value: Scalar, column: string) => Plain;
  revive?: (value: Plain) => DuckDBValue;
}

/**
 * The DuckDB type of a column: by its tag `ansi/type` where it has one, else by its FHIR type. Dates and times are text
 * as it was sent, since FHIR's may be partial and have zones; decimals are DOUBLE, which gives back up to 15 digits.
 * `DECIMAL(p,s)` keeps more, `CHARACTER VARYING` the digits as they were sent. A collection is a list.
 */
export function duckType(column: ViewColumn): DuckColumn {
  const { name } = column;
  const { type, packing, convert, revive } = scalarType(column);
  if (!column.collection) {
    const plain = (cell: Cell): Plain => (cell === null ? null : convert(cell as Scalar, name));
    return { name, sql: String(type), type, packing, plain, ...(revive ? { revive } : {}) };
  }
  const list = LIST(type);
  const plain = (cell: Cell): Plain =>
    cell === null ? null : (cell as readonly Scalar[]).map((item) => convert(item, name));
  const reviveItem = (item: Plain): DuckDBValue => (item === null || !revive ? (item as DuckDBValue) : revive(item));
  return {
    name,
    sql: String(list),
    type: list,
    packing: 'values',
    plain,
    revive: (items) => new DuckDBListValue((items as readonly Plain[]).map(reviveItem)),
  };
}

/** The tag by which a view names a column's SQL type (https://sql-on-fhir.org/ig/latest/StructureDefinition-ViewDefinition.html#type-hinting-with-tags). */
const TYPE_TAG = 'ansi/type';

/** The `ansi/type` of a column that is not served here; undefined where there is none or it is. */
export function unknownSqlType(column: Pick<ViewColumn, 'tags'>): string | undefined {
  const tag = sqlTypeOf(column);
  return tag !== undefined && ansiType(tag) === undefined ? tag : undefined;
}

function sqlTypeOf({ tags }: Pick<ViewColumn, 'tags'>): string | undefined {
  return tags.find(({ name }) => name === TYPE_TAG)?.value;
}

function scalarType(column: ViewColumn): ScalarType {
  const tag = sqlTypeOf(column);
  const tagged = tag === undefined ? undefined : ansiType(tag);
  return tagged ?? BY_FHIR_TYPE[columnType(column) ?? ''] ?? TEXT;
}

const TEXT: ScalarType = {
  type: VARCHAR,
  packing: 'texts',
  convert: (value) => (typeof value === 'string' ? value : String(value)),
};
const TRUTH: ScalarType = {
  type: BOOLEAN,
  packing: 'values',
  convert: (value, name) => (typeof value === 'boolean' ? value : refuse(name, 'true or false')),
};
const NUMBER: ScalarType = {
  type: DOUBLE,
  packing: 'numbers',
  convert: (value, name) => finite(Number(numeric(value, name)), name),
};
const WHOLE: ScalarType = {
  type: INTEGER,
  packing: 'numbers',
  convert: (value, name) => integer(value, name, 2 ** 31),
};
const LONG: ScalarType = {
  type: BIGINT,
  packing: 'values',
  convert: (value, name) => {
    const tenths = numericScaled(numeric(value, name), 1);
    const whole = tenths !== undefined && tenths % 10n === 0n ? tenths / 10n : undefined;
    return whole !== undefined && BigInt.asIntN(64, whole) === whole ? whole : refuse(name, 'a BIGINT');
  },
};
const DAY: ScalarType = {
  type: DATE,
  packing: 'numbers',
  convert: (value) => daysOf(value) ?? null,
  revive: (days) => new DuckDBDateValue(days as number),
};
const MOMENT: ScalarType = {
  type: TIMESTAMP,
  packing: 'values',
  convert: (value) => microsecondsOf(value) ?? null,
  revive: (micros) => new DuckDBTimestampValue(micros as bigint),
};
const ZONED: ScalarType = {
  type: TIMESTAMPTZ,
  packing: 'values',
  convert: (value) => microsecondsOf(value) ?? null,
  revive: (micros) => new DuckDBTimestampTZValue(micros as bigint),
};
const CLOCK: ScalarType = {
  type: TIME,
  packing: 'values',
  convert: (value) => timeOfDayMicroseconds(value) ?? null,
  revive: (micros) => new DuckDBTimeValue(micros as bigint),
};

const BY_FHIR_TYPE: Readonly<Record<string, ScalarType>> = {
  boolean: TRUTH,
  decimal: NUMBER,
  integer: WHOLE,
  positiveInt: WHOLE,
  unsignedInt: WHOLE,
  integer64: LONG,
};

const BY_ANSI_TYPE: readonly [RegExp, (...groups: string[]) => ScalarType | undefined][] = [
  [/^(?:CHARACTER VARYING|VARCHAR|CHARACTER|CHAR|CLOB|TEXT|STRING)(?:\s*\(\d+\))?$/, () => TEXT],
  [/^BOOLEAN$/, () => TRUTH],
  [/^(?:SMALLINT|INTEGER|INT)$/, () => WHOLE],
  [/^BIGINT$/, () => LONG],
  [/^(?:DOUBLE PRECISION|DOUBLE|FLOAT|REAL)(?:\s*\(\d+\))?$/, () => NUMBER],
  [
    /^(?:DECIMAL|NUMERIC|DEC)(?:\s*\((\d+)(?:\s*,\s*(\d+))?\))?$/,
    (width = '38', scale = '10') => exact(Number(width), Number(scale)),
  ],
  [/^DATE$/, () => DAY],
  [/^TIMESTAMP(?:\s*\(\d\))?(?: WITHOUT TIME ?ZONE)?$/, () => MOMENT],
  [/^TIMESTAMP(?:\s*\(\d\))? WITH TIME ?ZONE$/, () => ZONED],
  [/^TIME(?:\s*\(\d\))?(?: WITHOUT TIME ?ZONE)?$/, () => CLOCK],
];

function ansiType(tag: string): ScalarType | undefined {
  const name = tag.trim().toUpperCase();
  for (const [pattern, make] of BY_ANSI_TYPE) {
    const found = pattern.exec(name);
    if (found) return make(...found.slice(1));
  }
  return undefined;
}

/** undefined for a width or a scale that DuckDB does not have. */
function exact(width: number, scale: number): ScalarType | undefined {
  if (width < 1 || width > 38 || scale > width) return undefined;
  const limit = 10n ** BigInt(width);
  const convert = (value: Scalar, name: string): Plain => {
    const scaled = numericScaled(numeric(value, name), scale);
    if (scaled === undefined || scaled >= limit || scaled <= -limit)
      return refuse(name, `a DECIMAL(${width},${scale})`);
    return scaled;
  };
  const revive = (scaled: Plain): DuckDBValue => new DuckDBDecimalValue(scaled as bigint, width, scale);
  return { type: DECIMAL(width, scale), packing: 'values', convert, revive };
}

function numeric(value: Scalar, name: string): Numeric {
  return isNumeric(value) ? value : refuse(name, 'a number');
}

function finite(value: number, name: string): number {
  return Number.isFinite(value) ? value : refuse(name, 'a DOUBLE');
}

function integer(value: Scalar, name: string, limit: number): number {
  const number = Number(numeric(value, name));
  return Number.isInteger(number) && number >= -limit && number < limit ? number : refuse(name, 'an INTEGER');
}

function refuse(name: string, wanted: string): never {
  throw new RowError(`column ${name}`, `is not ${wanted}`);
}
