import { DuckDBInstance, type DuckDBConnection, type DuckDBType, type DuckDBValue } from '@duckdb/node-api';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * At DuckDB's own 16 MB a large table pays for a checkpoint with every few commits (0.3 s at 10 million rows). 64 MB of
 * log are read back in 1.5 s after a kill.
 */
const WAL_AUTOCHECKPOINT = '64MB';
/** What the whole process may take for columns; DuckDB's own default is four fifths of the machine's memory. */
const MEMORY_LIMIT = '2GB';

/**
 * One DuckDB file, open for writing. Nothing stops a second instance of the same file in one process, and both break:
 * whoever opens it here is the only one. Other processes are refused by the file's lock.
 */
export class DuckFile {
  private constructor(
    private readonly instance: DuckDBInstance,
    readonly path: string,
  ) {}

  /** Opens the file, or makes it. @throws Error where another process has it open. */
  static async open(path: string): Promise<DuckFile> {
    await mkdir(dirname(path), { recursive: true });
    const instance = await DuckDBInstance.create(path, {
      wal_autocheckpoint: WAL_AUTOCHECKPOINT,
      memory_limit: MEMORY_LIMIT,
      temp_directory: join(dirname(path), 'spill'),
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      allow_community_extensions: 'false',
    });
    return new DuckFile(instance, path);
  }

  connect(): Promise<DuckDBConnection> {
    return this.instance.connect();
  }

  close(): void {
    this.instance.closeSync();
  }
}

/** The rows of a statement as objects. For small answers. */
export async function rowsOf<T>(
  connection: DuckDBConnection,
  sql: string,
  values?: DuckDBValue[],
  types?: DuckDBType[],
): Promise<T[]> {
  const reader = await connection.runAndReadAll(sql, values, types);
  return reader.getRowObjects() as T[];
}
