import { rm } from 'node:fs/promises';
import { Client } from 'pg';
import { type Connection, startEmbeddedPostgres } from '@chartledger/database';
import { temporaryFolder } from './temporary-folder.js';

export interface TestDatabase {
  dataDir: string;
  /** As the owner of everything, in the first database. */
  owner: Connection;
  /** Makes another, empty database on the same server: cheap enough for each test to have its own. */
  another(): Promise<Connection>;
  stop(): Promise<void>;
}

/** A PostgreSQL in a folder of its own. */
export async function startTestDatabase(): Promise<TestDatabase> {
  const dataDir = await temporaryFolder();
  const { connection, stop } = await startEmbeddedPostgres(dataDir);
  let count = 0;
  return {
    dataDir,
    owner: connection,
    another: async () => {
      const database = `test_${++count}`;
      await ownerQuery(connection, `create database ${database}`);
      return { ...connection, database } as Connection;
    },
    stop: async () => {
      await stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Runs statements as the owner, on a connection of its own. */
export async function ownerQuery(connection: Connection, text: string): Promise<Record<string, unknown>[]> {
  const client = new Client('url' in connection ? { connectionString: connection.url } : connection);
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(text);
    return rows;
  } finally {
    await client.end();
  }
}
