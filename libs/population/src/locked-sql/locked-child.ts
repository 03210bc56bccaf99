import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { UnavailableError } from '@chartledger/platform';
import { CHANNEL_FD, type FromChild, type ToChild } from './child-messages.js';
import { confinement } from './confinement.js';
import { frame, readFrames } from './frames.js';
import { HEAP_MEBIBYTES } from './limits.js';
import { type Query } from './locked-database.js';

/** What runs in the process, beside this file where both are built. */
export const PROGRAM = new URL('./locked-sql.worker.js', import.meta.url);

export interface ChildOptions {
  program: URL;
  memoryBytes: number;
  threads: number;
}

/** A start takes 0.4 s; a machine that swaps needs longer. */
const START_MS = 30_000;
const MAX_SAID_CHARACTERS = 2_000;

/** What a process writes to its standard error before its first query, so that an operator learns why it does not start. */
function saidBy(child: ChildProcess): () => string {
  let text = '';
  child.stderr!.on('data', (chunk) => (text += text.length < MAX_SAID_CHARACTERS ? String(chunk) : ''));
  return () => text.trim().slice(0, MAX_SAID_CHARACTERS);
}

/** One confined process for the SQL of users, and the channel to it. */
export class LockedChild {
  private readonly messages: AsyncGenerator<FromChild, void, undefined>;
  /** Resolves when the process has ended, however it did. */
  readonly ended: Promise<void>;
  queries = 0;

  private constructor(private readonly child: ChildProcess) {
    this.messages = readFrames(this.channel) as AsyncGenerator<FromChild, void, undefined>;
    this.ended = once(child, 'exit').then(
      () => undefined,
      () => undefined,
    );
    // A write to a process that has just ended: `next` says so.
    this.channel.on('error', () => undefined);
    child.on('error', () => undefined);
  }

  /** @throws UnavailableError when it does not come up; ChartledgerError 501 where it cannot be confined. */
  static async start({ program, memoryBytes, threads }: ChildOptions): Promise<LockedChild> {
    const [command, ...confined] = confinement(memoryBytes);
    const node = ['--no-warnings', `--max-old-space-size=${HEAP_MEBIBYTES}`];
    const settings = JSON.stringify({ memoryBytes, threads });
    const child = spawn(
      command,
      [...confined, process.execPath, ...node, fileURLToPath(program), settings],
      // No environment: it holds what is nobody's business in there.
      { env: {}, cwd: '/', stdio: ['ignore', 'ignore', 'pipe', 'pipe'] },
    );
    const said = saidBy(child);
    const locked = new LockedChild(child);
    const timer = setTimeout(() => locked.kill(), START_MS);
    const first = await locked.next();
    clearTimeout(timer);
    if (!first || !('ready' in first)) {
      locked.kill();
      const failure = 'the process for SQL of users did not start: see that memory is free, and try again';
      throw Object.assign(new UnavailableError(failure), { cause: said() });
    }
    locked.rest();
    return locked;
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  private get channel(): Socket {
    return this.child.stdio[CHANNEL_FD] as Socket;
  }

  /** Between queries it keeps no process of ours alive. */
  rest(): void {
    this.child.unref();
    this.channel.unref();
    (this.child.stderr as Socket).unref();
  }

  ask(file: string, query: Query): void {
    this.queries++;
    this.child.ref();
    this.channel.ref();
    this.send({ ask: { ...query, file } });
  }

  cancel(): void {
    this.send({ cancel: true });
  }

  /** The next message. undefined when the process has ended. */
  async next(): Promise<FromChild | undefined> {
    try {
      const { value, done } = await this.messages.next();
      return done ? undefined : (value as FromChild);
    } catch {
      this.kill();
      return undefined;
    }
  }

  kill(): void {
    this.child.kill('SIGKILL');
    this.channel.destroy();
  }

  private send(message: ToChild): void {
    if (!this.channel.destroyed) this.channel.write(frame(JSON.stringify(message)));
  }
}
