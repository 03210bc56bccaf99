import { cp, readdir, readFile, rm } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { poolOf, type Connection } from '@chartledger/database';
import { headAfter, link, type StoredEntry } from '@chartledger/ledger';
import { readConfig } from '@chartledger/platform';
import { sampleDrafts, temporaryFolder, type TestDatabase } from '@chartledger/testing';
import { openStore, type Store } from '../../../chartledger/src/store.js';
import { type BackupStore, backupStoreOf } from './backup-store.js';
import { signedToHead } from './signed-to-head.js';

/** Chains 0 to 2. */
export const CHAINS = [0, 1, 2];
const FIRST_TIME = Date.parse('2024-03-01T08:00:00.000Z');

/** A ledger of its own in a database of its own, without a server. */
export class TestLedger {
  private constructor(
    readonly dataDir: string,
    readonly connection: Connection,
    readonly store: Store,
    readonly backupStore: BackupStore,
  ) {}

  /** @param keysOf the ledger whose keys folder this one gets, as for a restore. */
  static async open(database: TestDatabase, keysOf?: TestLedger): Promise<TestLedger> {
    const dataDir = await temporaryFolder();
    if (keysOf) await cp(join(keysOf.dataDir, 'keys'), join(dataDir, 'keys'), { recursive: true });
    const connection = await database.another();
    const env = { CHARTLEDGER_DATA_DIR: dataDir, CHARTLEDGER_CHAINS: '2', DATABASE_URL: urlOf(connection) };
    const store = await openStore(readConfig(env));
    return new TestLedger(dataDir, connection, store, backupStoreOf(store));
  }

  async close(): Promise<void> {
    await this.store.close();
    await rm(this.dataDir, { recursive: true, force: true });
  }

  /** Appends entries, those of `first` and after different from others, and makes a data key for some of them. */
  async grow(chain: number, count: number, first = 0): Promise<void> {
    const { ledger, dataKeys } = this.store;
    for (let done = 0; done < count; done += 1_000) {
      const head = await ledger.head(chain);
      const drafts = sampleDrafts(Math.min(1_000, count - done), { first: first + head.seq + 1, payloadBytes: 90 });
      const entries = link(head, drafts, FIRST_TIME + head.seq + 1);
      if (!(await ledger.append(head, entries))) throw new Error('somebody else wrote');
      const owners = new Set(entries.filter(({ seq }) => seq % 7 === 0).map(({ fields }) => fields.record));
      await dataKeys.ensure(owners, new Set());
      if (headAfter(head, entries).seq !== head.seq + drafts.length) throw new Error('the head did not move');
    }
  }

  /** Signs what is there, as a server would within a second. */
  async sign(): Promise<void> {
    for (const chain of CHAINS) await signedToHead(this.backupStore, chain);
  }

  async entries(chain: number): Promise<StoredEntry[]> {
    const entries: StoredEntry[] = [];
    for await (const batch of this.store.ledger.read(chain, 0)) entries.push(...batch);
    return entries;
  }

  /** A hash of everything that a backup must bring back: entries, checkpoints, tiles, data keys, the file outside the database. */
  async digest(): Promise<string> {
    const hash = createHash('sha256');
    for (const chain of CHAINS) {
      for (const { seq, envelope, payload } of await this.entries(chain)) {
        hash.update(`${chain} ${seq} `).update(envelope).update(payload);
      }
      const kept = await this.store.checkpointFile(chain).read();
      hash.update(JSON.stringify({ ...kept, edge: kept?.edge.toString('hex') }));
      hash.update(JSON.stringify(await this.store.checkpoints.range(chain)));
    }
    const pool = poolOf(this.store.source);
    const tiles = await pool.query(
      `select chain, level, index, encode(hashes, 'hex') from audit.tile order by 1, 2, 3`,
    );
    const keys = await pool.query(
      `select id, encode(owner, 'hex'), encode(wrapped, 'hex') from security.data_key order by 1`,
    );
    hash.update(JSON.stringify([tiles.rows, keys.rows]));
    return hash.digest('hex');
  }
}

/** The hash of each file in a folder by its path. */
export async function filesOf(folder: string): Promise<Map<string, string>> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = found.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name));
  const hashes = paths.sort().map(async (path): Promise<[string, string]> => {
    const hash = createHash('sha256').update(await readFile(path));
    return [path.slice(folder.length + 1), hash.digest('hex')];
  });
  return new Map(await Promise.all(hashes));
}

function urlOf(connection: Connection): string {
  if ('url' in connection) return connection.url;
  const { host, port, user, password, database } = connection;
  return `postgres://${user}:${password}@${host}:${port}/${database}`;
}
