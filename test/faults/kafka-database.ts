import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { startEmbeddedPostgres, type Connection, type EmbeddedDatabase } from '@chartledger/database';
import { eventually } from '@chartledger/testing';

/** A recovery on a busy machine. */
const START_MS = 60_000;

/** A PostgreSQL to be killed: it is reached at one port, whatever port it has after a restart. */
export interface MortalDatabase {
  connection: Connection;
  /** kill -9 of the postmaster, whose children end with it. */
  kill(): Promise<void>;
  /** Starts it on its data where it does not run. */
  revive(): Promise<void>;
  stop(): Promise<void>;
}

export async function startMortalDatabase(dataDir: string): Promise<MortalDatabase> {
  let database: EmbeddedDatabase = await startEmbeddedPostgres(dataDir);
  let port = portOf(database);
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const postgres = connect(port, '127.0.0.1');
    for (const [one, other] of [
      [client, postgres],
      [postgres, client],
    ]) {
      sockets.add(one);
      one
        .on('error', () => one.destroy())
        .once('close', () => {
          sockets.delete(one);
          other.destroy();
        });
      one.pipe(other);
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const revive = async (): Promise<void> => {
    if (postmaster(dataDir) !== undefined) return;
    // Until the last child of the one that was killed has ended it does not start.
    database = await eventually(
      'the start of PostgreSQL',
      () => startEmbeddedPostgres(dataDir).catch(() => undefined),
      START_MS,
    );
    port = portOf(database);
  };
  return {
    connection: { ...database.connection, port: (server.address() as AddressInfo).port } as Connection,
    revive,
    kill: async () => {
      const pid = postmaster(dataDir);
      if (pid === undefined) throw new Error('PostgreSQL does not run');
      process.kill(pid, 'SIGKILL');
      await eventually('the end of PostgreSQL', () => postmaster(dataDir) === undefined);
    },
    stop: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      if (postmaster(dataDir) !== undefined) await database.stop();
    },
  };
}

function portOf({ connection }: EmbeddedDatabase): number {
  if ('url' in connection) throw new TypeError('the embedded PostgreSQL is reached by address');
  return connection.port;
}

/** Its process; undefined when it does not run. */
function postmaster(dataDir: string): number | undefined {
  const file = join(dataDir, 'postgres', 'postmaster.pid');
  const pid = existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) : 0;
  const stat = pid > 0 && existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'utf8') : '';
  // A process that ended and was not collected yet is a zombie.
  return stat !== '' && !stat.includes(') Z ') ? pid : undefined;
}
