import { resolve } from 'node:path';
import { ChildPool } from './child-pool.js';
import { SqlRefusedError } from './errors.js';
import { DEFAULT_LIMITS, DEFAULT_POOL, MAX_SQL_BYTES, type PoolOptions, type QueryLimits } from './limits.js';
import { PROGRAM } from './locked-child.js';
import { type Column } from './locked-database.js';
import { typed, type SqlParameters, type TypedParameter } from './parameters.js';
import { RunningQuery } from './running-query.js';

export interface LockedSqlOptions extends Partial<PoolOptions> {
  /** What runs in the processes; tests, which run the sources, name the built one. */
  program?: URL;
}

export interface RunOptions {
  /** The tables and views of the file that this query may read. */
  tables: readonly string[];
  parameters?: SqlParameters;
  limits?: Partial<QueryLimits>;
  /** Ends the query; `run` or the reading of rows then throws the signal's reason. */
  signal?: AbortSignal;
}

export interface SqlResult {
  columns: Column[];
  /**
   * Batches of rows, read from the process as they are asked for. A value is what JSON has, and text where that would lose
   * something: BIGINT and wider, DECIMAL, dates and times, BLOB (as DuckDB writes it), NaN and the infinities. A LIST is an
   * array, a STRUCT an object, a MAP an array of {key, value}, an INTERVAL {months, days, micros}.
   *
   * MUST be read to the end, or its `return` called (as `for await` does): until then it holds a process, which its time
   * limit ends. Throws when the query fails on the way; what was read before is then not all.
   */
  rows: AsyncIterableIterator<unknown[][]>;
}

/**
 * Runs SQL that nobody here wrote, each query in a confined process on one DuckDB file that holds only what its project may see.
 *
 * The file MUST be closed by who wrote it (no WAL beside it), and MUST be replaced by renaming a new one to its name: a process
 * holds it open between queries, and notices the new one before the next.
 */
export class LockedSql {
  private readonly pool: ChildPool;

  constructor({ program = PROGRAM, ...options }: LockedSqlOptions = {}) {
    this.pool = new ChildPool({ ...DEFAULT_POOL, ...options }, program);
  }

  /** Starts the processes. Without it the first queries do, and wait for them. @throws ChartledgerError 501 without prlimit. */
  async start(): Promise<void> {
    await this.pool.start();
  }

  /**
   * Checks a query and runs it. Resolves when its columns are known; its rows may fail later.
   *
   * @throws SqlRefusedError 400 with every problem and its place; SqlFailedError 422 when it fails on the data; SqlLimitError
   * 422 when it takes more than it may; NotFoundError when there is no file; UnavailableError when all processes are busy.
   */
  async run(file: string, sql: string, options: RunOptions): Promise<SqlResult> {
    const { tables, parameters = {}, signal } = options;
    if (Buffer.byteLength(sql) > MAX_SQL_BYTES)
      throw new SqlRefusedError(sql, [
        { kind: 'size', message: `the query is longer than ${MAX_SQL_BYTES} bytes: give long lists as a parameter` },
      ]);
    const limits = { ...DEFAULT_LIMITS, ...options.limits };
    const path = resolve(file);
    const { slot, child } = await this.pool.acquire(path, limits.seconds, signal);
    const query = { sql, parameters: allTyped(parameters), tables, limits };
    const running = new RunningQuery(child, path, query, signal, (isReusable) =>
      this.pool.release(slot, child, isReusable),
    );
    const first = await running.next();
    return { columns: first && 'columns' in first ? first.columns : [], rows: rowsOf(running) };
  }

  /** The processes that there are now. */
  async pids(): Promise<(number | undefined)[]> {
    return this.pool.pids;
  }

  /** Kills the processes, also those with a query. Resolves when they have ended. */
  async close(): Promise<void> {
    await this.pool.close();
  }
}

function allTyped(parameters: SqlParameters): Record<string, TypedParameter> {
  return Object.fromEntries(Object.entries(parameters).map(([name, parameter]) => [name, typed(parameter)]));
}

/** Not a generator: one that was never begun does not hear its `return`. */
function rowsOf(running: RunningQuery): AsyncIterableIterator<unknown[][]> {
  let isDone = false;
  return {
    async next() {
      if (isDone) return { value: undefined, done: true };
      try {
        const message = await running.next();
        if (message && 'rows' in message) return { value: message.rows, done: false };
      } catch (error) {
        isDone = true;
        throw error;
      }
      isDone = true;
      return { value: undefined, done: true };
    },
    async return() {
      if (!isDone) await running.abandon();
      isDone = true;
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
