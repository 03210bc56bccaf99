import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import {
  GUARD,
  type KafkaNode,
  killBroker,
  planNodes,
  removeCluster,
  signalBroker,
  startBroker,
  startCluster,
} from '#kafka-local';
import { KafkaProxy } from './kafka-proxy.js';
import { temporaryFolder } from './temporary-folder.js';

/** Ports that a specification tries lie in a span below the ports of outgoing connections; each run begins at random. */
const FIRST_PORT = 20_000;
const PORT_SPAN = 12_000;

export interface TestKafkaOptions {
  /** Three replicate every topic, and two must have what is acknowledged. */
  brokers: 1 | 3;
  /** With a `KafkaProxy` in front of each node, that clients come through. */
  proxied?: boolean;
}

/** A Kafka of its own: real brokers on free ports, their data in a temporary folder. Nodes are numbered from 0, as in its metadata. */
export interface TestKafka {
  /** What a client is given: `host:port` of each node, at the index of its number. */
  brokers: string[];
  /** At the index of the node's number; empty unless proxied. What the brokers say to each other does not come through. */
  proxies: KafkaProxy[];
  /** The data and logs of the nodes, for a look after a failure. */
  folder: string;
  /** kill -9. */
  kill(node: number): Promise<void>;
  /** SIGSTOP: the node keeps its connections and says nothing. */
  pause(node: number): void;
  /** SIGCONT. */
  resume(node: number): void;
  /** Kills the node if it runs, and starts it with the data that it had. Returns when it serves. */
  restart(node: number): Promise<void>;
  /** Leaves no process and no file behind, whatever state the nodes are in. */
  stop(): Promise<void>;
}

/** Starts one, in two to ten seconds. Its brokers end with this process, however that ends. @throws Error with the end of a broker's log. */
export async function startTestKafka({ brokers, proxied = false }: TestKafkaOptions): Promise<TestKafka> {
  const proxies: KafkaProxy[] = [];
  const folder = await temporaryFolder();
  const guard = startGuard(folder);
  const stop = async (): Promise<void> => {
    await Promise.all(proxies.map((proxy) => proxy.close()));
    await removeCluster(folder);
    guard.stdin!.end();
    if (guard.exitCode === null) await once(guard, 'exit');
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const nodes = await planNodes(brokers, FIRST_PORT + Math.floor(Math.random() * PORT_SPAN));
    if (proxied)
      for (const node of nodes) {
        proxies.push(await KafkaProxy.listen(() => node.port));
        node.advertisedPort = proxies[node.id].port;
      }
    await startCluster(folder, nodes);
    return { brokers: nodes.map(addressOf), proxies, folder, ...controls(folder, nodes), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function controls(folder: string, nodes: KafkaNode[]): Pick<TestKafka, 'kill' | 'pause' | 'resume' | 'restart'> {
  const signal = (node: number, name: NodeJS.Signals): void => {
    if (!signalBroker(folder, nodes[node], name)) throw new Error(`broker ${node} does not run`);
  };
  return {
    kill: (node) => killBroker(folder, nodes[node]),
    pause: (node) => signal(node, 'SIGSTOP'),
    resume: (node) => signal(node, 'SIGCONT'),
    restart: async (node) => {
      await killBroker(folder, nodes[node]);
      await startBroker(folder, nodes[node], nodes);
    },
  };
}

function addressOf({ advertisedPort }: KafkaNode): string {
  return `127.0.0.1:${advertisedPort}`;
}

/** Out of the process group, so that a Ctrl-C at the terminal ends the tests and not what cleans up after them. */
function startGuard(folder: string): ChildProcess {
  return spawn(process.execPath, [fileURLToPath(GUARD), folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
}
