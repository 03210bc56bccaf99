import { parentPort, workerData } from 'node:worker_threads';
import { poolOf, type Connection } from '@chartledger/database';
import { createLogger, type Config } from '@chartledger/platform';
import {
  LockedSql,
  PopulationProjector,
  PopulationService,
  PopulationStore,
  ProjectSecret,
  RowsThread,
  servePopulation,
} from '@chartledger/population';
import { recordPseudonym, ShreddedKeys } from '@chartledger/security';
import { Stops } from './base.js';
import { populationFile, populationFolder } from './population.js';
import { openStore } from './store.js';

/** The thread that keeps the live views and answers from them; its own connections, its own keys in memory. */
async function open({ config, connection }: { config: Config; connection: Connection }): ReturnType<typeof openParts> {
  const stops = new Stops();
  try {
    return await openParts(config, connection, stops);
  } catch (error) {
    await stops.run();
    throw error;
  }
}

async function openParts(
  config: Config,
  connection: Connection,
  stops: Stops,
): Promise<{ population: PopulationService; stop: () => Promise<void> }> {
  const logger = createLogger(config.logLevel);
  const { ledger, opener, chains, keys, dataKeys, source, close } = await openStore(config, connection, logger);
  stops.add(close);
  const store = await PopulationStore.open(populationFile(config));
  stops.add(() => store.close());
  const projector = new PopulationProjector({
    store,
    ledger,
    opener,
    chains,
    logger,
    fillRows: new RowsThread(opener),
  });
  await projector.start();
  stops.add(() => projector.stop());
  const locked = new LockedSql();
  stops.add(() => locked.close());
  const projectMaster = ProjectSecret.master(keys.pseudonym);
  const folder = populationFolder(config);
  const population = new PopulationService({
    store,
    projector,
    locked,
    ledger,
    opener,
    folder,
    projectMaster,
    shredded: (keeper) =>
      new ShreddedKeys(poolOf(source), dataKeys, keeper, (error) =>
        logger.error(
          { stage: 'project', projection: 'population', error: error.message },
          'rows of a destroyed key stay',
        ),
      ),
    pseudonymOf: (name, type, id) => recordPseudonym(keys.pseudonym, name, type, id),
  });
  await population.start();
  stops.add(() => population.stop());
  return { population, stop: () => stops.run() };
}

servePopulation(parentPort!, open(workerData as Parameters<typeof open>[0]));
