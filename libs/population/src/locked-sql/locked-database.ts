import { basename, extname } from 'node:path';
import {
  DuckDBInstance,
  JsonDuckDBValueConverter,
  type DuckDBConnection,
  type DuckDBPreparedStatement,
  type DuckDBResult,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api';
import { ALLOWED_FUNCTIONS } from './allowed.js';
import { checkSql, parameterNames } from './check-sql.js';
import { explainError, type QueryFailure } from './duckdb-error.js';
import { type QueryLimits } from './limits.js';
import { ownErrors } from './own-errors.js';
import { castType, checkParameters, PARAMETER_TYPES, type TypedParameter } from './parameters.js';
import { type Problem } from './problem.js';

export interface Query {
  sql: string;
  parameters: Readonly<Record<string, TypedParameter>>;
  tables: readonly string[];
  limits: QueryLimits;
}

export interface Column {
  name: string;
  /** As DuckDB writes it: `DECIMAL(10,2)`, `VARCHAR[]`. */
  type: string;
}

/** Who takes the answer. `rows` resolves when more may come. */
export interface Sink {
  columns(columns: Column[]): void;
  rows(json: string): Promise<void>;
}

export type QueryEnd = { kind: 'done' } | { kind: 'refused'; problems: Problem[] } | QueryFailure;

/** So many bytes of rows are gathered before they are handed on. */
const BATCH_BYTES = 64 * 1024;

/** Given at opening: DuckDB would load extensions before a statement could forbid it. */
const CONFIGURATION = {
  access_mode: 'READ_ONLY',
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  allow_community_extensions: 'false',
  allow_unsigned_extensions: 'false',
};

/** In this order: the last one ends all others. */
const LOCKS = [
  "SET GLOBAL TimeZone = 'UTC'",
  'SET GLOBAL errors_as_json = true',
  "SET GLOBAL temp_directory = ''",
  'SET GLOBAL allow_persistent_secrets = false',
  'SET GLOBAL enable_external_access = false',
  "SET GLOBAL disabled_filesystems = 'LocalFileSystem'",
  'SET GLOBAL lock_configuration = true',
];

/**
 * A file as DuckDB's own settings lock it: nothing is written, no other file, network or extension is to be had, and no setting
 * can be changed any more. This is the second wall; alone it would let a query read the catalog and take all the memory.
 */
export async function openLocked(file: string, memoryBytes: number, threads: number): Promise<DuckDBInstance> {
  const instance = await DuckDBInstance.create(file, {
    ...CONFIGURATION,
    memory_limit: `${memoryBytes} bytes`,
    threads: String(threads),
  });
  const connection = await instance.connect();
  for (const statement of LOCKS) await connection.run(statement);
  connection.closeSync();
  return instance;
}

/** The queries that were asked of a locked file one after the other, in the process that is made for it. */
export class LockedDatabase {
  private constructor(
    private readonly instance: DuckDBInstance,
    private readonly name: string,
  ) {}

  /** @throws Error when the file is not there, not DuckDB's, or being written by another process. */
  static async open(file: string, memoryBytes: number, threads: number): Promise<LockedDatabase> {
    return new LockedDatabase(await openLocked(file, memoryBytes, threads), basename(file, extname(file)));
  }

  /** Checks a query, runs it and hands its rows to the sink. Never throws: what went wrong is what it resolves with. */
  async run(query: Query, sink: Sink, signal: AbortSignal): Promise<QueryEnd> {
    const connection = await this.instance.connect();
    const interrupt = (): void => connection.interrupt();
    signal.addEventListener('abort', interrupt);
    let own: ReadonlySet<string> | undefined;
    try {
      const { problems, serialized } = await this.check(connection, query);
      if (problems.length > 0) return { kind: 'refused', problems };
      own = ownErrors(serialized);
      return await this.stream(connection, query, sink, signal);
    } catch (error) {
      return explainError(error, this.name, own);
    } finally {
      signal.removeEventListener('abort', interrupt);
      connection.closeSync();
    }
  }

  private async check(
    connection: DuckDBConnection,
    { sql, tables, parameters }: Query,
  ): Promise<{ problems: Problem[]; serialized?: unknown }> {
    // DuckDB reads a statement up to the first NUL, and the check would see more than what is run.
    if (sql.includes('\0')) {
      return { problems: [{ kind: 'syntax', message: 'the query has a NUL character in it: take it out' }] };
    }
    const result = await connection.runAndReadAll('SELECT json_serialize_sql($sql::VARCHAR)', { sql });
    const serialized: unknown = JSON.parse(String(result.getRows()[0][0]));
    const problems = checkSql(serialized, { tables, functions: ALLOWED_FUNCTIONS });
    if (problems.length > 0) return { problems };
    return { problems: checkParameters(parameterNames(serialized), parameters), serialized };
  }

  private async stream(
    connection: DuckDBConnection,
    { sql, parameters, limits }: Query,
    sink: Sink,
    signal: AbortSignal,
  ): Promise<QueryEnd> {
    const prepared = await connection.prepare(sql);
    if (prepared.columnCount > limits.columns) return { kind: 'limit', limit: 'columns' };
    const unreadable = await bindAll(connection, prepared, parameters);
    if (unreadable) return { kind: 'refused', problems: [unreadable] };
    const result = await prepared.stream();
    sink.columns(columnsOf(result));
    return sendRows(result, limits, sink, signal);
  }
}

function columnsOf(result: DuckDBResult): Column[] {
  return result.columnNames().map((name, index) => ({ name, type: String(result.columnType(index)) }));
}

async function sendRows(result: DuckDBResult, limits: QueryLimits, sink: Sink, signal: AbortSignal): Promise<QueryEnd> {
  let rows = 0;
  let bytes = 0;
  let batch: string[] = [];
  let batchBytes = 0;
  const send = async (): Promise<void> => {
    if (batch.length > 0) await sink.rows(`[${batch.join(',')}]`);
    batch = [];
    batchBytes = 0;
  };
  const over = async (limit: 'rows' | 'bytes'): Promise<QueryEnd> => {
    await send();
    return { kind: 'limit', limit };
  };
  for (;;) {
    const chunk = await result.fetchChunk();
    if (!chunk || chunk.rowCount === 0) break;
    for (let index = 0; index < chunk.rowCount; index++) {
      if (++rows > limits.rows) return over('rows');
      const row = JSON.stringify(chunk.convertRowValues(index, JsonDuckDBValueConverter));
      const size = Buffer.byteLength(row) + 1;
      if ((bytes += size) > limits.bytes) return over('bytes');
      batch.push(row);
      if ((batchBytes += size) < BATCH_BYTES) continue;
      await send();
      if (signal.aborted) return { kind: 'interrupted' };
    }
  }
  await send();
  return { kind: 'done' };
}

/** DuckDB itself reads the text of a parameter, by a statement of ours: the value that is bound has exactly the type asked for. */
async function bindAll(
  connection: DuckDBConnection,
  prepared: DuckDBPreparedStatement,
  parameters: Readonly<Record<string, TypedParameter>>,
): Promise<Problem | undefined> {
  const values: Record<string, DuckDBValue> = {};
  const types: Record<string, DuckDBType> = {};
  for (const [name, parameter] of Object.entries(parameters)) {
    if (!PARAMETER_TYPES.includes(parameter.type)) return unreadableParameter(name, 'known type');
    const isList = Array.isArray(parameter.value);
    const text = isList ? JSON.stringify(parameter.value) : (parameter.value as string | null);
    const cast = castType(parameter);
    const expression = isList ? `CAST(CAST($text::JSON AS VARCHAR[]) AS ${cast}[])` : `CAST($text::VARCHAR AS ${cast})`;
    try {
      const result = await connection.runAndReadAll(`SELECT ${expression}`, { text });
      values[name] = result.getRows()[0][0];
      types[name] = result.columnType(0);
    } catch {
      return unreadableParameter(name, parameter.type);
    }
  }
  prepared.bind(values, types);
  return undefined;
}

function unreadableParameter(name: string, type: string): Problem {
  return { kind: 'parameter', message: `the value of $${name} is not of the type ${type}: correct it` };
}
