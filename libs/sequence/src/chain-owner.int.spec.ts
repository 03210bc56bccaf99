import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { migrate, openDataSource, poolOf } from '@chartledger/database';
import { eventually, ownerQuery, startTestDatabase, type TestDatabase } from '@chartledger/testing';
import { type DataSource } from 'typeorm';
import { ownChain } from './chain-owner.js';

const NO_TABLES = { entities: [], migrations: [] };

let database: TestDatabase;
/** Two processes over one database. */
let processes: DataSource[];
beforeAll(async () => {
  database = await startTestDatabase();
  await migrate(database.owner, NO_TABLES);
  processes = [await openDataSource(database.owner, NO_TABLES), await openDataSource(database.owner, NO_TABLES)];
});
afterAll(async () => {
  for (const source of processes) if (source.isInitialized) await source.destroy();
  await database.stop();
});

describe('a chain', () => {
  it('is owned by one process until it lets go, or is gone', async () => {
    const [one, other] = processes.map(poolOf);
    const owner = await ownChain(one, 1);
    await expect(ownChain(other, 1)).rejects.toMatchObject({
      code: 'configuration',
      message: expect.stringContaining('chain 1'),
    });
    await (await ownChain(other, 2)).release();
    await owner.release();
    const lost = await ownChain(other, 1);
    await expect(ownChain(one, 1)).rejects.toThrow('another chartledger server');
    // The lock falls with the connection.
    await ownerQuery(
      database.owner,
      `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and pid <> pg_backend_pid()`,
    );
    const again = await eventually('the lock falls', () => ownChain(one, 1).catch(() => undefined));
    await again.release();
    await lost.release();
  });
});
