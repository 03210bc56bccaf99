import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runningEmbeddedPostgres } from '@chartledger/database';
import { ConfigurationError, readConfig, type Config } from '@chartledger/platform';
import { openStore, type Store } from '../../chartledger/src/store.js';

/**
 * Opens the ledger that the environment names, whether its server runs or not, and closes it afterwards.
 * @throws ConfigurationError when there is none: a command that looks must not make one.
 */
export async function withStore<T>(work: (store: Store) => Promise<T>, config: Config = readConfig()): Promise<T> {
  if (!config.databaseUrl && !existsSync(join(config.dataDir, 'postgres', 'PG_VERSION'))) {
    throw new ConfigurationError(
      `there is no ledger in ${config.dataDir}: set CHARTLEDGER_DATA_DIR to the data directory of a server`,
    );
  }
  const store = await openStore(config, config.databaseUrl ? undefined : runningEmbeddedPostgres(config.dataDir));
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
