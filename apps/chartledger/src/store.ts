import { type DataSource } from 'typeorm';
import { auditTables, CheckpointStore, CheckpointFile } from '@chartledger/audit';
import {
  joinParts,
  migrate,
  openDataSource,
  POOL_SIZE,
  poolOf,
  startEmbeddedPostgres,
  type Connection,
} from '@chartledger/database';
import { chainOrigin, noteSigner, type Ledger, type NoteSigner } from '@chartledger/ledger';
import { createLogger, type Config, type Logger } from '@chartledger/platform';
import { EntryOpener, projectionTables } from '@chartledger/projection';
import { countsTables, measureTables } from '@chartledger/population';
import { sequenceTables } from '@chartledger/sequence';
import { DataKeys, openKeys, securityTables, Tokens, type LedgerKeys } from '@chartledger/security';
import { driverTables, openLedger, type OpenLedger } from './open-ledger.js';

/** Held for as long as a chain is kept: by each of its views, and by the lock of who publishes it. */
const CONNECTIONS_A_CHAIN = 5;

/** The database with the ledger in it, and the keys: what a server, a verification and a rebuild all stand on. */
export interface Store {
  config: Config;
  source: DataSource;
  /** Of the database: for a thread with connections of its own. */
  connection: Connection;
  ledger: Ledger;
  /** See `OpenLedger`. */
  readStored: OpenLedger['readStored'];
  addMetrics: OpenLedger['addMetrics'];
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
export async function openStore(
  config: Config,
  running?: Connection,
  logger: Logger = createLogger(config.logLevel),
): Promise<Store> {
  const embedded = running || config.databaseUrl ? undefined : await startEmbeddedPostgres(config.dataDir);
  const connection = running ?? embedded?.connection ?? { url: config.databaseUrl! };
  try {
    return await openOn(config, connection, logger, async () => embedded?.stop());
  } catch (error) {
    await embedded?.stop();
    throw error;
  }
}

async function openOn(
  config: Config,
  connection: Connection,
  logger: Logger,
  stopDatabase: () => Promise<void>,
): Promise<Store> {
  const tables = joinParts(
    driverTables(config),
    securityTables,
    projectionTables,
    auditTables,
    sequenceTables,
    measureTables,
    countsTables,
  );
  await migrate(connection, tables);
  const source = await openDataSource(connection, tables, POOL_SIZE + CONNECTIONS_A_CHAIN * config.chains);
  try {
    return await openParts(config, source, connection, logger, stopDatabase);
  } catch (error) {
    await source.destroy();
    throw error;
  }
}

async function openParts(
  config: Config,
  source: DataSource,
  connection: Connection,
  logger: Logger,
  stopDatabase: () => Promise<void>,
): Promise<Store> {
  const keys = await openKeys(source, config.dataDir, config.kekFile, config.origin);
  const { ledger, readStored, addMetrics, close } = await openLedger(config, source, logger);
  const dataKeys = new DataKeys(source, keys.kek);
  const existing = await ledger.chains();
  const count = Math.max(config.chains, ...existing);
  return {
    config,
    source,
    connection,
    ledger,
    readStored,
    addMetrics,
    keys,
    dataKeys,
    opener: new EntryOpener(dataKeys),
    tokens: new Tokens(keys.pseudonym),
    checkpoints: new CheckpointStore(poolOf(source)),
    chains: Array.from({ length: count + 1 }, (_, chain) => chain),
    signer: (chain) => noteSigner(chainOrigin(config.origin, chain), keys.signing),
    checkpointFile: (chain) => new CheckpointFile(config.dataDir, chain),
    close: async () => {
      await close();
      await source.destroy();
      await stopDatabase();
    },
  };
}
