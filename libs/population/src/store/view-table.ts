import {
  BIGINT,
  DuckDBDataChunk,
  INTEGER,
  listValue,
  UBIGINT,
  VARCHAR,
  type DuckDBConnection,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api';
import { type DuckColumn } from '../view/duck-type.js';
import { quoted } from './names.js';
import { columnReader, type PackedColumn, type Plain } from '../view/packed-column.js';
import { type PackedRows } from './view-rows.js';

/** The end of a row that still holds. Not NULL: comparing two numbers is what a column store does fastest. */
export const OPEN = 2n ** 63n - 1n;

/** Rows of one chunk: DuckDB's vector size. */
const CHUNK_ROWS = 2048;

/** What every row carries before the view's own columns. A name of a view's column never begins with an underscore. */
const ROW_COLUMNS: readonly [name: string, type: DuckDBType][] = [
  ['_source', VARCHAR],
  ['_record', VARCHAR],
  ['_version', INTEGER],
  ['_patient', VARCHAR],
  ['_key', UBIGINT],
  ['_chain', INTEGER],
  ['_seq', BIGINT],
  ['_to', BIGINT],
];

/** Versions that end: the seq of each, and the seq of the entry that ends it, on one chain. */
export interface Ends {
  from: number[];
  to: number[];
}

/** Gives the values of a column for so many rows at a call. */
type ChunkReader = (count: number) => DuckDBValue[];

/** Writes rows from entries of a chain to the table of a view, in the connection's transaction. */
export async function writeRows(
  connection: DuckDBConnection,
  no: number,
  own: readonly DuckColumn[],
  chain: number,
  { rows, origin, keys, own: values }: PackedRows,
): Promise<void> {
  if (rows === 0) return;
  const types = [...ROW_COLUMNS.map(([, type]) => type), ...own.map(({ type }) => type)];
  const [source, record, version, patient, from] = origin;
  const readers: ChunkReader[] = [
    readerOf(source, undefined),
    readerOf(record, undefined),
    readerOf(version, undefined),
    readerOf(patient, undefined),
    keyReader(keys),
    (count) => new Array<number>(count).fill(chain),
    readerOf(from, (seq) => BigInt(seq as number)),
    (count) => new Array<bigint>(count).fill(OPEN),
    ...own.map(({ revive }, index) => readerOf(values[index], revive)),
  ];
  const appender = await connection.createAppender(tableName(no), 'kept');
  for (let start = 0; start < rows; start += CHUNK_ROWS) {
    const count = Math.min(CHUNK_ROWS, rows - start);
    const chunk = DuckDBDataChunk.create(types, count);
    readers.forEach((read, column) => chunk.setColumnValues(column, read(count)));
    appender.appendDataChunk(chunk);
  }
  appender.flushSync();
  appender.closeSync();
}

function readerOf(column: PackedColumn, revive: ((value: Plain) => DuckDBValue) | undefined): ChunkReader {
  const read = columnReader(column);
  if (!revive) return read as ChunkReader;
  return (count) => read(count).map((value) => (value === null ? null : revive(value)));
}

function keyReader(halves: Uint32Array<ArrayBuffer>): ChunkReader {
  const keys = new BigUint64Array(halves.buffer, halves.byteOffset, halves.length / 2);
  let next = 0;
  return (count) => [...keys.subarray(next, (next += count))];
}

export function tableName(no: number): string {
  return `v${no}`;
}

/** The statement that makes the table of a view. */
export function createViewTable(no: number, own: readonly DuckColumn[]): string {
  const columns = [
    ...ROW_COLUMNS.map(([name, type]) => `${name} ${String(type)}`),
    ...own.map(({ name, sql }) => `${quoted(name)} ${sql}`),
  ];
  return `create table kept.${tableName(no)} (${columns.join(', ')})`;
}

/**
 * Ends rows of a table in the connection's transaction, found by where they began: that column is sorted, so most of the
 * table is not looked at. `ends` in the order of the chain: a version may have been written by the same transaction.
 */
export async function endRows(connection: DuckDBConnection, table: string, chain: number, ends: Ends): Promise<void> {
  if (ends.from.length === 0) return;
  await connection.run(
    `update ${table} set _to = ended.until
     from (select unnest($1::bigint[]) as began, unnest($2::bigint[]) as until) ended
     where ${table}._seq = ended.began and ${table}._chain = $3 and ${table}._to = ${OPEN}`,
    [listValue(ends.from.map(BigInt)), listValue(ends.to.map(BigInt)), chain],
  );
}
