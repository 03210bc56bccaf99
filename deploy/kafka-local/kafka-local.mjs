import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brokerList, clusterStatus, removeCluster, startCluster } from './cluster.mjs';
import { planNodes } from './ports.mjs';
import { kafkaMissing } from './requirements.mjs';

const USAGE = `node kafka-local.mjs up [1|3]   starts a Kafka of one or three brokers, and prints KAFKA_BROKERS=... when it serves
node kafka-local.mjs status     shows its brokers
node kafka-local.mjs down       ends it and removes its data

KAFKA_LOCAL_DIR    its data, default data/ beside this file
KAFKA_LOCAL_PORT   the first port to try, default 19092`;

const FOLDER = resolve(process.env.KAFKA_LOCAL_DIR ?? join(dirname(fileURLToPath(import.meta.url)), 'data'));
const FIRST_PORT = Number(process.env.KAFKA_LOCAL_PORT ?? 19092);

/** Starts the cluster, or what does not run of it; what was written before is still there. */
async function up(count) {
  const missing = kafkaMissing();
  if (missing !== undefined) throw new Error(missing);
  const known = await clusterStatus(FOLDER);
  if (known.length > 0 && known.length !== count)
    throw new Error(`there is a cluster of ${known.length} in ${FOLDER}: take it down first`);
  const nodes = known.length > 0 ? known.map(({ pid: _pid, ...node }) => node) : await planNodes(count, FIRST_PORT);
  await startCluster(FOLDER, nodes);
  console.log(`KAFKA_BROKERS=${brokerList(nodes)}`);
}

async function status() {
  const nodes = await clusterStatus(FOLDER);
  for (const { id, port, pid } of nodes)
    console.log(`broker ${id} 127.0.0.1:${port} ${pid === undefined ? 'does not run' : `pid ${pid}`}`);
  if (nodes.length === 0) console.log('there is no local Kafka');
}

const COMMANDS = {
  up: () => up(1),
  'up 1': () => up(1),
  'up 3': () => up(3),
  status,
  down: () => removeCluster(FOLDER),
};

try {
  const command = COMMANDS[process.argv.slice(2).join(' ')];
  if (command === undefined) throw new Error(USAGE);
  await command();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
