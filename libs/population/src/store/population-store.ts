import { type DuckDBConnection } from '@duckdb/node-api';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { type Positions } from '@chartledger/ledger';
import { ConfigurationError, UnavailableError } from '@chartledger/platform';
import { DuckFile, rowsOf } from './duck-file.js';
import { CREATE_FORGOTTEN, CREATE_TABLES, FORMAT } from './population.tables.js';
import { LIVE } from './lanes.js';
import { literal } from './names.js';
import { rewriteFile } from './rewrite-file.js';

/** Questions that are answered at a time; each takes both cores where it can. */
const READERS = 4;

/** Said of a file that another process keeps: it is one process's, and a second one neither waits for it nor takes another. */
export const VIEWS_TAKEN =
  'another process keeps the live views in this data directory: give each process that answers a CHARTLEDGER_DATA_DIR of its own with the same keys, or stop the other one and ask again';

/** The file of the live views: one writer, whose every transaction moves a position, and readers of snapshots. */
export class PopulationStore {
  private writing: Promise<unknown> = Promise.resolve();
  private readonly idle: DuckDBConnection[] = [];
  private readonly waiting: ((connection: DuckDBConnection) => void)[] = [];

  private constructor(
    private readonly file: DuckFile,
    private readonly writer: DuckDBConnection,
    readers: DuckDBConnection[],
  ) {
    this.idle = readers;
  }

  /**
   * Opens the file, or makes it; one that another version wrote is made anew.
   * @throws UnavailableError where another process has it open, ConfigurationError.
   */
  static async open(path: string): Promise<PopulationStore> {
    try {
      const file = await openCurrent(path);
      const writer = await file.connect();
      const readers = [];
      for (let reader = 0; reader < READERS; reader += 1) readers.push(await file.connect());
      return new PopulationStore(file, writer, readers);
    } catch (error) {
      const { message } = error as Error;
      if (/Could not set lock on file/.test(message)) throw new UnavailableError(VIEWS_TAKEN);
      throw new ConfigurationError(
        `the views for population health cannot be opened (${message}): stop the server and remove ${path}, which is made anew from the ledger`,
      );
    }
  }

  /** One transaction after the other. What `work` wrote is durable when this resolves, and all undone when it throws. */
  async write<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    return this.inTurn(() => this.transact(work));
  }

  /**
   * A snapshot: what `work` reads stands on `positions`, whatever is written meanwhile. Read only, because an open
   * transaction that may write would keep the log from being folded into the file.
   */
  async read<T>(work: (connection: DuckDBConnection, positions: Positions) => Promise<T>): Promise<T> {
    return this.onReader(async (connection) => {
      await connection.run('begin transaction read only');
      return work(connection, await readPositions(connection, LIVE));
    });
  }

  /**
   * A snapshot to copy into another file, which is attached as `target`. `capture` is called with nothing being written,
   * for what is known of the snapshot elsewhere.
   */
  async copyOut<C, T>(
    file: string,
    capture: () => C,
    work: (connection: DuckDBConnection, positions: Positions, captured: C) => Promise<T>,
  ): Promise<T> {
    return this.onReader(async (connection) => {
      await connection.run(`attach ${literal(file)} as target`);
      try {
        const [captured, positions] = await this.inTurn(async () => {
          await connection.run('begin');
          return [capture(), await readPositions(connection, LIVE)] as const;
        });
        const result = await work(connection, positions, captured);
        await connection.run('commit');
        return result;
      } finally {
        await connection.run('rollback').catch(() => undefined);
        await connection.run('detach target');
      }
    });
  }

  private async onReader<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const connection = await this.borrow();
    try {
      return await work(connection);
    } finally {
      await connection.run('rollback').catch(() => undefined);
      this.giveBack(connection);
    }
  }

  /** Folds the log into the file; to be called when there is nothing to do. */
  async checkpoint(): Promise<void> {
    await this.inTurn(() => this.writer.run('checkpoint'));
  }

  async close(): Promise<void> {
    await this.writing;
    this.writer.closeSync();
    for (const reader of this.idle.splice(0)) reader.closeSync();
    this.file.close();
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.writing.then(work);
    this.writing = turn.catch(() => undefined);
    return turn;
  }

  private async transact<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    await this.writer.run('begin');
    try {
      const result = await work(this.writer);
      await this.writer.run('commit');
      return result;
    } catch (error) {
      await this.writer.run('rollback').catch(() => undefined);
      throw error;
    }
  }

  private async borrow(): Promise<DuckDBConnection> {
    const connection = this.idle.pop();
    return connection ?? new Promise((resolve) => this.waiting.push(resolve));
  }

  private giveBack(connection: DuckDBConnection): void {
    const next = this.waiting.shift();
    if (next) next(connection);
    else this.idle.push(connection);
  }
}

/** The position of each chain in a lane. */
export async function readPositions(connection: DuckDBConnection, lane: number): Promise<Map<number, number>> {
  const rows = await rowsOf<{ chain: number; seq: bigint }>(
    connection,
    'select chain, seq from population.lane where lane = $1 order by chain',
    [lane],
  );
  return new Map(rows.map(({ chain, seq }) => [chain, Number(seq)]));
}

async function openCurrent(path: string): Promise<DuckFile> {
  const isNew = !existsSync(path);
  const file = await DuckFile.open(path);
  const connection = await file.connect();
  let isOld: boolean;
  try {
    if (isNew || !(await hasTables(connection))) {
      await connection.run('begin');
      await connection.run(CREATE_TABLES);
      await connection.run('commit');
      return file;
    }
    const [{ format }] = await rowsOf<{ format: number }>(connection, 'select format from population.format');
    isOld = format !== FORMAT;
    if (!isOld && (await isClean(connection))) return file;
  } finally {
    connection.closeSync();
  }
  file.close();
  if (isOld) {
    await rm(path);
    await rm(`${path}.wal`, { force: true });
  } else await rewriteFile(path, ['update target.population.forgotten set is_clean = true']);
  return openCurrent(path);
}

/** Whether rows that were removed with their keys are gone from the bytes of the file too. */
async function isClean(connection: DuckDBConnection): Promise<boolean> {
  await connection.run(CREATE_FORGOTTEN);
  const [row] = await rowsOf<{ is_clean: boolean }>(connection, 'select is_clean from population.forgotten');
  if (!row.is_clean) await connection.run('checkpoint');
  return row.is_clean;
}

async function hasTables(connection: DuckDBConnection): Promise<boolean> {
  const rows = await rowsOf(
    connection,
    `select 1 from duckdb_tables() where schema_name = 'population' and table_name = 'format'`,
  );
  return rows.length > 0;
}
