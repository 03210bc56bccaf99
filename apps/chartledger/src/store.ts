import { type DataSource } from 'typeorm';
import { auditTables, CheckpointStore, CheckpointFile } from '@chartledger/audit';
import {
  joinParts,
  migrate,
  openDataSource,
  poolOf,
  startEmbeddedPostgres,
  type Connection,
} from '@chartledger/database';
import { chainOrigin, noteSigner, type NoteSigner } from '@chartledger/ledger';
import { EmbeddedLedger, ledgerTables } from '@chartledger/ledger-embedded';
import { type Config } from '@chartledger/platform';
import { EntryOpener, projectionTables } from '@chartledger/projection';
import { DataKeys, openKeys, securityTables, Tokens, type LedgerKeys } from '@chartledger/security';

const TABLES = joinParts(ledgerTables, securityTables, projectionTables, auditTables);

/** The database with the ledger in it, and the keys: what a server, a verification and a rebuild all stand on. */
export interface Store {
  config: Config;
  source: DataSource;
  ledger: EmbeddedLedger;
  keys: LedgerKeys;
  dataKeys: DataKeys;
  opener: EntryOpener;
  tokens: Tokens;
  checkpoints: CheckpointStore;
  /** The chains of this ledger, 0 first. */
  chains: number[];
  signer(chain: number): NoteSigner;
  checkpointFile(chain: number): CheckpointFile;
  close(): Promise<void>;
}

/**
 * Opens the store of a configuration: starts the embedded PostgreSQL of the data directory, or connects to DATABASE_URL.
 * @param running the PostgreSQL of the data directory when a server has it started already.
 */
export async function openStore(config: Config, running?: Connection): Promise<Store> {
  const embedded = running || config.databaseUrl ? undefined : await startEmbeddedPostgres(config.dataDir);
  const connection = running ?? embedded?.connection ?? { url: config.databaseUrl! };
  try {
    return await openOn(config, connection, async () => embedded?.stop());
  } catch (error) {
    await embedded?.stop();
    throw error;
  }
}

async function openOn(config: Config, connection: Connection, stopDatabase: () => Promise<void>): Promise<Store> {
  await migrate(connection, TABLES);
  const source = await openDataSource(connection, TABLES);
  const keys = await openKeys(source, config.dataDir, config.kekFile, config.origin);
  const ledger = await EmbeddedLedger.open(source);
  const dataKeys = new DataKeys(source, keys.kek);
  const existing = await ledger.chains();
  const count = Math.max(config.chains, ...existing);
  return {
    config,
    source,
    ledger,
    keys,
    dataKeys,
    opener: new EntryOpener(dataKeys),
    tokens: new Tokens(keys.pseudonym),
    checkpoints: new CheckpointStore(poolOf(source)),
    chains: Array.from({ length: count + 1 }, (_, chain) => chain),
    signer: (chain) => noteSigner(chainOrigin(config.origin, chain), keys.signing),
    checkpointFile: (chain) => new CheckpointFile(config.dataDir, chain),
    close: async () => {
      await ledger.close();
      await source.destroy();
      await stopDatabase();
    },
  };
}
