import { execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LIB } from './jars.mjs';
import { isFree } from './ports.mjs';
import { commandOf, until } from './processes.mjs';
import { serverProperties } from './properties.mjs';
import { JAVA } from './requirements.mjs';

/** Two to four seconds as a rule; a busy machine has taken fifteen. */
const START_MS = 60_000;
const END_MS = 20_000;
const LOG_TAIL_CHARACTERS = 3_000;
/** Any will do: the data folder of each cluster is its own. 16 bytes in base64url. */
const CLUSTER_ID = 'Y2hhcnRsZWRnZXJsb2NhbA';
/** A small heap takes messages of 8 MiB; one compiler stage and the serial collector start fastest on few cores. */
const JAVA_OPTIONS = [
  '-Xms128m',
  '-Xmx512m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-XX:-UsePerfData',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=info',
  '-cp',
  join(LIB, '*'),
];

/** The files of a node, in a folder of its own in the cluster's folder. */
function files(folder, { id }) {
  const own = join(folder, `node-${id}`);
  return {
    own,
    data: join(own, 'data'),
    properties: join(own, 'server.properties'),
    log: join(own, 'broker.log'),
    pid: join(own, 'pid'),
  };
}

/** Starts a node that is not running and waits until it serves. Its data stay from one start to the next. @throws Error with the end of its log. */
export async function startBroker(folder, node, nodes) {
  const { own, data, properties, log, pid } = files(folder, node);
  await mkdir(own, { recursive: true });
  await writeFile(properties, serverProperties(node, nodes, data));
  if (!existsSync(join(data, 'meta.properties')))
    await promisify(execFile)(JAVA, [
      ...[...JAVA_OPTIONS, 'kafka.tools.StorageTool', 'format'],
      ...['--cluster-id', CLUSTER_ID, '--config', properties],
    ]);
  // Emptied, so that the line which is waited for is of this start.
  const output = await open(log, 'w');
  const child = spawn(JAVA, [...JAVA_OPTIONS, 'kafka.Kafka', properties], {
    stdio: ['ignore', output.fd, output.fd],
    detached: true,
  });
  child.on('error', () => undefined);
  child.unref();
  await output.close();
  await writeFile(pid, String(child.pid));
  try {
    await until(`the start of broker ${node.id}`, START_MS, async () => {
      if (brokerPid(folder, node) === undefined) throw new Error(`broker ${node.id} ended while it started`);
      return (await readFile(log, 'utf8')).includes('Kafka Server started');
    });
  } catch (error) {
    const tail = (await readFile(log, 'utf8')).slice(-LOG_TAIL_CHARACTERS);
    throw new Error(`${error.message}; the end of its log:\n${tail}`, { cause: error });
  }
}

/** The process of a node; undefined when it does not run. A process that got the number of an ended broker is not taken for it. */
export function brokerPid(folder, node) {
  const { pid, properties } = files(folder, node);
  const number = existsSync(pid) ? Number(readFileSync(pid, 'utf8')) : 0;
  return number > 0 && commandOf(number).endsWith(`kafka.Kafka ${properties}`) ? number : undefined;
}

/** Sends a signal to a node. @returns whether it runs. */
export function signalBroker(folder, node, signal) {
  const pid = brokerPid(folder, node);
  if (pid !== undefined) process.kill(pid, signal);
  return pid !== undefined;
}

/** kill -9, also of a stopped process; returns when it is gone. */
export async function killBroker(folder, node) {
  if (!signalBroker(folder, node, 'SIGKILL')) return;
  // A process that ends loses its command line before its sockets and files.
  await until(
    `the end of broker ${node.id}`,
    END_MS,
    async () => brokerPid(folder, node) === undefined && (await isFree(node.port)) && (await isFree(node.brokerPort)),
  );
}
