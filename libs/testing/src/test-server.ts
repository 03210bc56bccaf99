import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from '@chartledger/platform';
import { processesOf } from './processes.js';
import { temporaryFolder } from './temporary-folder.js';

const MAIN = resolve(dirname(fileURLToPath(import.meta.url)), '../../../dist/apps/chartledger/src/main.js');
const START_MS = 60_000;
/** INTERFACES: a server stops on SIGTERM within 30 s. */
const STOP_MS = 30_000;
const READY = /^chartledger ready (http:\/\/\S+)$/m;

/** How a server process ended. */
export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stderr: string;
}

/** A server as an operator runs it: the built program in a process group of its own. */
export class TestServer {
  url = '';
  /** Of the running process, which is also its process group. */
  pid = 0;
  private child: ChildProcess | undefined;
  private ended: Promise<Ended> | undefined;

  constructor(
    readonly dataDir: string,
    private readonly env: Record<string, string> = {},
  ) {}

  /** @throws Error with the process's standard error when it ends before it is ready. */
  async start(): Promise<void> {
    const { child, ended } = launch(this.dataDir, this.env);
    this.child = child;
    this.pid = child.pid!;
    this.ended = ended;
    let output = '';
    const ready = new Promise<string>((resolve) =>
      child.stdout!.on('data', (chunk) => {
        output += String(chunk);
        const match = READY.exec(output);
        if (match) resolve(match[1]);
      }),
    );
    const failed = ended.then(({ code, stderr }): never => {
      throw new Error(`the server ended with ${code} before it was ready: ${stderr}`);
    });
    failed.catch(() => undefined);
    this.url = await within(START_MS, 'the start of the server', Promise.race([ready, failed]));
  }

  /** Stops it by SIGTERM as an operator would. The data stay. */
  async stop(): Promise<Ended> {
    this.child?.kill('SIGTERM');
    return within(STOP_MS, 'the stop of the server', this.end());
  }

  /** kill -9 of its process group, its PostgreSQL included. */
  async kill(): Promise<Ended> {
    process.kill(-this.pid, 'SIGKILL');
    return this.end();
  }

  /** On the same data, on another port. */
  async restart(): Promise<void> {
    if (this.child && this.child.exitCode === null && this.child.signalCode === null) await this.stop();
    await this.start();
  }

  /** Stops it if it runs, and removes its data. @throws Error when it has left a process behind. */
  async remove(): Promise<void> {
    if (this.child && this.child.exitCode === null && this.child.signalCode === null) {
      await this.stop().catch(() => this.kill());
    }
    const left = processesOf(this.dataDir);
    for (const { pid } of left) process.kill(pid, 'SIGKILL');
    await rm(this.dataDir, { recursive: true, force: true });
    if (left.length > 0)
      throw new Error(`the server left processes behind: ${left.map((one) => one.command).join('; ')}`);
  }

  private end(): Promise<Ended> {
    if (!this.ended) throw new Error('the server was never started');
    return this.ended;
  }
}

/** Starts a server on an empty data directory of its own and on a free port. `env` is all of ours that it is told. */
export async function startTestServer(env: Record<string, string> = {}): Promise<TestServer> {
  const server = new TestServer(await temporaryFolder(), env);
  await server.start();
  return server;
}

/** Runs the server where it must not start, and says how it ended. */
export async function runToEnd(dataDir: string, env: Record<string, string> = {}): Promise<Ended> {
  const { child, ended } = launch(dataDir, env);
  try {
    return await within(START_MS, 'the end of a server that must not start', ended);
  } catch (error) {
    process.kill(-child.pid!, 'SIGKILL');
    throw error;
  }
}

function launch(dataDir: string, env: Record<string, string>): { child: ChildProcess; ended: Promise<Ended> } {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: run npm run build before the end-to-end tests`);
  const child = spawn(process.execPath, [MAIN], {
    env: childEnvironment({ CHARTLEDGER_DATA_DIR: dataDir, PORT: '0', ...env }),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk) => (stderr += String(chunk)));
  const ended = new Promise<Ended>((resolve) =>
    child.once('close', (code, signal) => resolve({ code, signal, stderr })),
  );
  return { child, ended };
}

async function within<T>(ms: number, what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took more than ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
