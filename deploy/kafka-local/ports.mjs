import { once } from 'node:events';
import { createServer } from 'node:net';

/** A node listens on three: to clients, to the other brokers, and as a controller. */
const PORTS_OF_A_NODE = 3;

/**
 * The nodes of a cluster, numbered from 0, with free ports. The clients' ports are the first free ones from `from` on.
 * Below 32768 no outgoing connection takes a port while its broker is down.
 */
export async function planNodes(count, from) {
  const ports = await freePorts(from, count * PORTS_OF_A_NODE);
  return Array.from({ length: count }, (_, id) => ({
    id,
    port: ports[id],
    advertisedPort: ports[id],
    brokerPort: ports[count + id],
    controllerPort: ports[2 * count + id],
  }));
}

async function freePorts(from, count) {
  const free = [];
  for (let port = from; free.length < count; port++) if (await isFree(port)) free.push(port);
  return free;
}

/** Whether nobody listens on a port of 127.0.0.1. */
export async function isFree(port) {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
    return true;
  } catch (error) {
    if (error.code === 'EADDRINUSE' || error.code === 'EACCES') return false;
    throw error;
  } finally {
    server.close();
  }
}
