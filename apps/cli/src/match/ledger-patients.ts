import { availableParallelism } from 'node:os';
import { poolOf } from '@chartledger/database';
import { FeaturesProjection, FeatureStore, PersonsProjection, type LedgerPatients } from '@chartledger/matching';
import { WatchedViews } from '@chartledger/projection';
import { type Store } from '../../../chartledger/src/store.js';

/** Two are enough for a hundred thousand records; more than eight wait for memory. */
const MOST_THREADS = 8;

/** One thread for each processor: a command runs beside the server, and is over soon. */
export const THREADS = Math.min(MOST_THREADS, availableParallelism());

/** The Patients and persons of the ledger that the environment names. */
export async function ledgerPatients({ source, ledger, dataKeys, chains }: Store): Promise<LedgerPatients> {
  const pool = poolOf(source);
  const views = new WatchedViews(pool, ledger, [new FeaturesProjection(dataKeys), new PersonsProjection()], chains);
  await views.start();
  return { pool, views, features: new FeatureStore(pool, dataKeys), chains };
}
