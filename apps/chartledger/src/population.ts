import { join } from 'node:path';
import { SYSTEM_SOURCE } from '@chartledger/ledger';
import { type Config } from '@chartledger/platform';
import { PopulationThread } from '@chartledger/population';
import { type Submission } from '@chartledger/sequence';
import { type Base, type Stops } from './base.js';

export function populationFolder({ dataDir }: Config): string {
  return join(dataDir, 'population');
}

export function populationFile(config: Config): string {
  return join(populationFolder(config), 'views.duckdb');
}

/** The thread that keeps the live views: started with the server where there are any. */
export function startPopulation({ config, store, logger }: Base, stops: Stops): PopulationThread {
  const thread = new PopulationThread({
    program: new URL('./population.worker.js', import.meta.url),
    workerData: { config, connection: store.connection },
    file: populationFile(config),
    logger,
  });
  stops.add(() => thread.stop());
  thread.start();
  return thread;
}

/** Whether a submission gives the live views something to keep. */
export function concernsViews({ source, changes }: Submission): boolean {
  return source.name === SYSTEM_SOURCE && changes.some(({ type }) => type === 'ViewDefinition' || type === 'Library');
}
