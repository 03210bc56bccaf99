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
import { type Cell } from '../view/column-reader.js';
import { type DuckColumn } from '../view/duck-type.js';
import { quoted } from './names.js';

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

/** The record version that rows come from. */
export interface RowOrigin {
  source: string;
  /** `Type/id`. */
  record: string;
  version: number;
  /** `source/Patient/id` of the patient in whose compartment the record is. */
  patient: string | null;
  /** See `recordKey`. */
  key: bigint;
  chain: number;
  /** The seq of the entry that made it. */
  from: bigint;
}

/** Versions that end: the seq of each, and the seq of the entry that ends it, on one chain. */
export interface Ends {
  from: number[];
  to: number[];
}

/** The table of a view: the rows of all versions, each with the interval of positions on its chain in which it held. */
export class ViewTable {
  private readonly types: readonly DuckDBType[];
  private columns: DuckDBValue[][];
  private rows = 0;

  /** @param no of the view, never used again. */
  constructor(
    readonly no: number,
    private readonly own: readonly DuckColumn[],
  ) {
    this.types = [...ROW_COLUMNS.map(([, type]) => type), ...own.map(({ type }) => type)];
    this.columns = this.types.map(() => []);
  }

  get pending(): number {
    return this.rows;
  }

  /** Takes a row. What was taken of it before this throws is to be taken back by `truncate`. @throws RowError. */
  add(origin: RowOrigin, row: readonly Cell[]): void {
    const { columns, own } = this;
    columns[0].push(origin.source);
    columns[1].push(origin.record);
    columns[2].push(origin.version);
    columns[3].push(origin.patient);
    columns[4].push(origin.key);
    columns[5].push(origin.chain);
    columns[6].push(origin.from);
    columns[7].push(OPEN);
    for (let index = 0; index < own.length; index += 1) {
      columns[ROW_COLUMNS.length + index].push(own[index].value(row[index]));
    }
    this.rows += 1;
  }

  /** Takes back all rows after the first `rows`. */
  truncate(rows: number): void {
    for (const column of this.columns) column.length = rows;
    this.rows = rows;
  }

  /** Hands over what was added, to be written while more is added. */
  handOver(): TakenRows {
    const taken = { columns: this.columns, rows: this.rows };
    this.columns = this.types.map(() => []);
    this.rows = 0;
    return taken;
  }

  /** Writes rows that were handed over, in the connection's transaction. */
  async write(connection: DuckDBConnection, { columns, rows }: TakenRows): Promise<void> {
    if (rows === 0) return;
    const appender = await connection.createAppender(tableName(this.no), 'kept');
    for (let start = 0; start < rows; start += CHUNK_ROWS) {
      const count = Math.min(CHUNK_ROWS, rows - start);
      const chunk = DuckDBDataChunk.create(this.types, count);
      columns.forEach((column, index) => chunk.setColumnValues(index, column.slice(start, start + count)));
      appender.appendDataChunk(chunk);
    }
    appender.flushSync();
    appender.closeSync();
  }
}

/** Rows by column, in the order of the table's. */
export interface TakenRows {
  columns: DuckDBValue[][];
  rows: number;
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
