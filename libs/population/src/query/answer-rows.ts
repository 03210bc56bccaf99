import { JsonDuckDBValueConverter, type DuckDBConnection, type DuckDBResult } from '@duckdb/node-api';
import { open } from 'node:fs/promises';
import { FhirError } from '@chartledger/platform';
import { literal } from '../store/names.js';
import { rowFormat, type AnswerColumn, type JsonRow } from './row-formats.js';
import { type Format } from './sql-request.js';

/** Rows to be written; MUST be read to the end or given up. */
export interface AnswerRows {
  columns: readonly AnswerColumn[];
  batches: AsyncIterable<readonly JsonRow[]>;
}

/** How rows are written to a file. */
export interface WriteOptions {
  format: Format;
  header: boolean;
  limit?: number;
  /** Beyond it the answer is refused. */
  maxBytes?: number;
  /** Said in the answer where the format has a place for it. */
  isDeidentified?: boolean;
}

/** What is gathered before it is written to the file. */
const WRITE_CHARACTERS = 1 << 18;

/** The rows of a statement, read as they are needed. */
export async function duckRows(connection: DuckDBConnection, sql: string): Promise<AnswerRows> {
  const result = await connection.stream(sql);
  return { columns: columnsOf(result), batches: batchesOf(result) };
}

export function columnsOf(result: DuckDBResult): AnswerColumn[] {
  return result.columnNames().map((name, index) => ({ name, type: String(result.columnType(index)) }));
}

async function* batchesOf(result: DuckDBResult): AsyncGenerator<JsonRow[]> {
  for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    yield chunk.convertRows(JsonDuckDBValueConverter);
  }
}

/** Writes rows in a format of text. @throws FhirError (422) when they are too many bytes, or a column has no such form. */
export async function writeRows(
  file: string,
  { columns, batches }: AnswerRows,
  {
    format,
    header,
    limit = Infinity,
    maxBytes = Infinity,
    isDeidentified,
  }: WriteOptions & { format: Exclude<Format, 'parquet'> },
): Promise<void> {
  const { begin, row, end } = rowFormat(format, columns, header, isDeidentified);
  const handle = await open(file, 'w');
  try {
    let text = begin;
    let rows = 0;
    let bytes = 0;
    const write = async (): Promise<void> => {
      const buffer = Buffer.from(text);
      bytes += buffer.length;
      if (bytes > maxBytes) throw tooLarge(maxBytes);
      text = '';
      await handle.write(buffer);
    };
    read: for await (const batch of batches) {
      for (const values of batch) {
        if (rows >= limit) break read;
        text += row(values, rows === 0);
        rows += 1;
        if (text.length >= WRITE_CHARACTERS) await write();
      }
    }
    text += end(rows === 0);
    await write();
  } finally {
    await handle.close();
  }
}

function tooLarge(maxBytes: number): FhirError {
  return FhirError.of(
    422,
    'too-costly',
    `the answer is larger than ${maxBytes} bytes: aggregate, set _limit, or use $sql-export`,
  );
}

/** SNAPPY is what every reader of Parquet knows. */
export const PARQUET = '(format parquet, compression snappy)';

/** Writes rows that came as JSON as Parquet, each column of its own type. `connection`: of a database in memory. */
export async function writeParquet(
  connection: DuckDBConnection,
  file: string,
  { columns, batches }: AnswerRows,
  limit = Infinity,
): Promise<void> {
  await connection.run(`create temp table answer (${columns.map((_, index) => `c${index} varchar`).join(', ')})`);
  const appender = await connection.createAppender('answer', null, 'temp');
  let rows = 0;
  read: for await (const batch of batches) {
    for (const values of batch) {
      if (rows >= limit) break read;
      rows += 1;
      for (const value of values) {
        if (value === null || value === undefined) appender.appendNull();
        else appender.appendVarchar(typeof value === 'object' ? JSON.stringify(value) : String(value));
      }
      appender.endRow();
    }
    appender.flushSync();
  }
  appender.closeSync();
  const typed = columns.map(({ name, type }, index) => {
    const isNested = /\]$|^(STRUCT|MAP|UNION|INTERVAL)/.test(type);
    const value = isNested ? `c${index}::json::${type}` : `c${index}::${type}`;
    return `${value} as "${name.replaceAll('"', '""')}"`;
  });
  await connection.run(`copy (select ${typed.join(', ')} from answer) to ${literal(file)} ${PARQUET}`);
}
