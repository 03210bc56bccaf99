import { mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { connectionUrl, startEmbeddedPostgres } from '@chartledger/database';
import { startProcess, type Program, type ServerProcess } from '../server-process.js';
import { temporaryFolder } from '../temporary-folder.js';
import { startLocalKafka } from './local-kafka.js';
import { startRouter } from './router.js';

/** How many of each. */
export interface ClusterSize {
  brokers: 1 | 3;
  gateways: number;
  sequencers: number;
  projectors: number;
  queries: number;
  chains: number;
}

/** As in production, with few enough of each for one machine. */
export const DEFAULT_SIZE: ClusterSize = {
  brokers: 3,
  gateways: 2,
  sequencers: 2,
  projectors: 2,
  queries: 1,
  chains: 2,
};

export interface Cluster {
  /** In front of the gateways and the query servers. */
  url: string;
  brokers: string;
  processes: readonly ServerProcess[];
  /** Leaves no process and no file behind. */
  stop(): Promise<void>;
}

/** The layout of a large installation in real processes on this machine: Kafka, PostgreSQL, and each stage by itself. */
export async function startCluster(
  size: ClusterSize,
  onStarted: (what: string, url: string) => void,
): Promise<Cluster> {
  const steps: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    let failure: Error | undefined;
    for (const step of steps.splice(0).reverse()) await step().catch((error: Error) => (failure ??= error));
    if (failure) throw failure;
  };
  try {
    const dir = await temporaryFolder('cluster');
    steps.push(() => rm(dir, { recursive: true, force: true }));
    const kafka = await startLocalKafka(join(dir, 'kafka'), size.brokers);
    steps.push(() => kafka.stop());
    onStarted(`Kafka, ${size.brokers} brokers`, kafka.brokers);
    const postgres = await startEmbeddedPostgres(join(dir, 'data'));
    steps.push(() => postgres.stop());
    const databaseUrl = connectionUrl(postgres.connection);
    onStarted('PostgreSQL', new URL(databaseUrl).host);
    const processes = await startStages(size, onStarted, steps, {
      CHARTLEDGER_DATA_DIR: join(dir, 'data'),
      DATABASE_URL: databaseUrl,
      KAFKA_BROKERS: kafka.brokers,
      CHARTLEDGER_CHAINS: String(size.chains),
    });
    const urls = (program: Program): string[] =>
      processes.filter((one) => one.program === program).map(({ url }) => url);
    const router = await startRouter(urls('gateway'), urls('query'));
    steps.push(() => router.stop());
    onStarted('router', router.url);
    return { url: router.url, brokers: kafka.brokers, processes, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startStages(
  { gateways, sequencers, projectors, queries }: ClusterSize,
  onStarted: (what: string, url: string) => void,
  steps: (() => Promise<void>)[],
  environment: Record<string, string>,
): Promise<ServerProcess[]> {
  let queriesStarted = 0;
  const start = async (program: Program): Promise<ServerProcess> => {
    const own = program === 'query' ? await queryFolder(environment, (queriesStarted += 1)) : {};
    const started = await startProcess(program, { ...environment, ...own });
    steps.push(() => started.end());
    onStarted(`${program} ${started.process.pid}`, started.url);
    return started;
  };
  // The first one makes the keys.
  const first = await start('sequencer');
  const programs: Program[] = [
    ...Array<Program>(sequencers - 1).fill('sequencer'),
    ...Array<Program>(projectors).fill('projector'),
    ...Array<Program>(queries).fill('query'),
    ...Array<Program>(gateways).fill('gateway'),
  ];
  // All have started or failed before anything is stopped.
  const started = await Promise.allSettled(programs.map(start));
  const failed = started.find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
  return [first, ...started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))];
}

/** Each process that answers keeps the live views in a data directory of its own, with the keys of all. */
async function queryFolder(
  { CHARTLEDGER_DATA_DIR: dataDir }: Record<string, string>,
  number: number,
): Promise<Record<string, string>> {
  const folder = `${dataDir}-query-${number}`;
  await mkdir(folder, { mode: 0o700 });
  await symlink(join(dataDir, 'keys'), join(folder, 'keys'));
  return { CHARTLEDGER_DATA_DIR: folder };
}
