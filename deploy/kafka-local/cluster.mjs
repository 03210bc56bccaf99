import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brokerPid, killBroker, startBroker } from './broker.mjs';
import { provideJars } from './jars.mjs';

const PLAN = 'cluster.json';

/**
 * Starts the planned nodes in a folder (an absolute path), those that do not run yet. Returns when all serve.
 * @throws Error with the end of a broker's log when one does not start; then none runs, and the folder is left for a look.
 */
export async function startCluster(folder, nodes) {
  await provideJars();
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, PLAN), JSON.stringify({ nodes }, undefined, 2));
  const stopped = nodes.filter((node) => brokerPid(folder, node) === undefined);
  // All at once: the first of three is not ready before there is a majority.
  const results = await Promise.allSettled(stopped.map((node) => startBroker(folder, node, nodes)));
  const failed = results.find(({ status }) => status === 'rejected');
  if (failed === undefined) return;
  await Promise.all(nodes.map((node) => killBroker(folder, node)));
  throw failed.reason;
}

/** The nodes of the cluster in a folder, each with the pid of its process if it runs. Empty when there is no cluster. */
export async function clusterStatus(folder) {
  if (!existsSync(join(folder, PLAN))) return [];
  const { nodes } = JSON.parse(await readFile(join(folder, PLAN), 'utf8'));
  return nodes.map((node) => ({ ...node, pid: brokerPid(folder, node) }));
}

/** Kills the brokers that were started in a folder and removes their data, and the folder if nothing else is in it. */
export async function removeCluster(folder) {
  const nodes = await clusterStatus(folder);
  await Promise.all(nodes.map((node) => killBroker(folder, node)));
  for (const { id } of nodes) await rm(join(folder, `node-${id}`), { recursive: true, force: true });
  await rm(join(folder, PLAN), { force: true });
  await rmdir(folder).catch(() => undefined);
}

/** What goes into KAFKA_BROKERS. */
export function brokerList(nodes) {
  return nodes.map(({ advertisedPort }) => `127.0.0.1:${advertisedPort}`).join(',');
}
