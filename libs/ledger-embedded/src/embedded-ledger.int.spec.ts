import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Connection, migrate, openDataSource, poolOf } from '@chartledger/database';
import { emptyHead, headAfter, link } from '@chartledger/ledger';
import { ledgerContract, ownerQuery, sampleDrafts, startTestDatabase, type TestDatabase } from '@chartledger/testing';
import { type DataSource } from 'typeorm';
import { EmbeddedLedger } from './embedded-ledger.js';
import { ledgerTables } from './ledger.tables.js';

const CHAIN = 1;
const NOW = Date.parse('2024-03-01T08:00:00.000Z');

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.stop());

/** A handle on a ledger, with a pool of its own as another process would have. */
async function openHandle(connection: Connection): Promise<{ ledger: EmbeddedLedger; source: DataSource }> {
  const source = await openDataSource(connection, ledgerTables);
  return { ledger: await EmbeddedLedger.open(source), source };
}

async function freshDatabase(): Promise<Connection> {
  const connection = await database.another();
  await migrate(connection, ledgerTables);
  return connection;
}

ledgerContract('EmbeddedLedger', async () => {
  const connection = await freshDatabase();
  const handles = [await openHandle(connection), await openHandle(connection)];
  return {
    ledger: handles[0].ledger,
    another: handles[1].ledger,
    close: async () => {
      for (const { ledger, source } of handles) {
        await ledger.close();
        await source.destroy();
      }
    },
  };
});

describe('the table of entries', () => {
  let connection: Connection;
  let ledger: EmbeddedLedger;
  let source: DataSource;

  beforeAll(async () => {
    connection = await freshDatabase();
    ({ ledger, source } = await openHandle(connection));
    expect(await ledger.append(emptyHead(CHAIN), link(emptyHead(CHAIN), sampleDrafts(3), NOW))).toBe(true);
  });
  afterAll(async () => {
    await ledger.close();
    await source.destroy();
  });

  const changes = [
    `update ledger.entry set payload = 'x' where seq = 1`,
    'delete from ledger.entry where seq = 2',
    'truncate ledger.entry',
  ];

  it.each(changes)('is not granted to the application: %s', async (change) => {
    await expect(poolOf(source).query(change)).rejects.toThrow('permission denied for table entry');
  });

  it.each(changes)('is refused by a trigger even to the owner: %s', async (change) => {
    await expect(ownerQuery(connection, change)).rejects.toThrow('the ledger is append-only');
  });

  it.each([
    'alter table ledger.entry disable trigger all',
    'drop trigger entry_is_append_only on ledger.entry',
    'drop table ledger.entry',
    'delete from ledger.head',
  ])('cannot be got at by the application: %s', async (statement) => {
    await expect(poolOf(source).query(statement)).rejects.toThrow(/must be owner|permission denied/);
  });

  it('is as it was', async () => {
    const [{ count }] = await ownerQuery(connection, 'select count(*)::int4 as count from ledger.entry');
    expect(count).toBe(3);
  });
});

describe('a head that is not the last entry of the table', () => {
  let connection: Connection;
  let ledger: EmbeddedLedger;
  let source: DataSource;

  beforeEach(async () => {
    connection = await freshDatabase();
    ({ ledger, source } = await openHandle(connection));
    await ledger.append(emptyHead(CHAIN), link(emptyHead(CHAIN), sampleDrafts(3), NOW));
  });
  afterEach(async () => {
    await ledger.close();
    await source.destroy();
  });

  it.each([
    ['the head was set back', 'update ledger.head set seq = 1'],
    ['the head has another leaf hash', `update ledger.head set leaf = decode(repeat('ab', 32), 'hex')`],
    [
      'the tail was cut off',
      'alter table ledger.entry disable trigger all; delete from ledger.entry where seq = 2; alter table ledger.entry enable trigger all',
    ],
    [
      'the last entry was changed',
      `alter table ledger.entry disable trigger all; update ledger.entry set envelope = 'x' where seq = 2`,
    ],
    ['all entries are gone', 'alter table ledger.entry disable trigger all; delete from ledger.entry'],
  ])('is an IntegrityError: %s', async (_what, tampering) => {
    await ownerQuery(connection, tampering);
    await expect(ledger.head(CHAIN)).rejects.toMatchObject({
      code: 'integrity',
      message: expect.stringContaining('chain 1'),
    });
  });
});

describe('entries', () => {
  it('are there again for a process that comes later', async () => {
    const connection = await freshDatabase();
    const first = await openHandle(connection);
    const entries = link(emptyHead(CHAIN), sampleDrafts(10, { payloadBytes: 100_000 }), NOW);
    await first.ledger.append(emptyHead(CHAIN), entries);
    await first.ledger.close();
    await first.source.destroy();

    const { ledger, source } = await openHandle(connection);
    expect(await ledger.head(CHAIN)).toEqual(headAfter(emptyHead(CHAIN), entries));
    expect(await ledger.extent(CHAIN)).toBe(10);
    const [read] = await ledger.get(CHAIN, [9]);
    expect(read!.payload.equals(entries[9].payload)).toBe(true);
    await ledger.close();
    await source.destroy();
  });
});
