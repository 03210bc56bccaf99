import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { constants, setPriority } from 'node:os';
import { CHANNEL_FD, type Ask, type ChildSettings, type FromChild, type ToChild } from './child-messages.js';
import { explainError } from './duckdb-error.js';
import { frame, readFrames } from './frames.js';
import { LockedDatabase } from './locked-database.js';

/** The process that runs the SQL of users. It is started by `locked-child.ts`, confined, and knows nothing but one file. */
const settings = JSON.parse(process.argv[2]) as ChildSettings;
const channel = new Socket({ fd: CHANNEL_FD, readable: true, writable: true });

/** Whoever asks has gone: nothing of this process is to stay. A thread of DuckDB could keep `process.exit` waiting. */
function end(): never {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('unreachable');
}

function beModest(): void {
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  try {
    // Where memory is short for the whole machine, this process goes first.
    writeFileSync('/proc/self/oom_score_adj', '1000');
  } catch {
    return;
  }
}

async function send(message: FromChild, signal?: AbortSignal): Promise<void> {
  await sendText(JSON.stringify(message), signal);
}

/** Resolves when the other side has taken enough of what was sent, or the query is given up. */
async function sendText(json: string, signal?: AbortSignal): Promise<void> {
  if (channel.write(frame(json)) || signal?.aborted) return;
  await once(channel, 'drain', { signal }).catch(() => undefined);
}

let opened: { file: string; database: LockedDatabase } | undefined;

async function databaseOf(file: string): Promise<LockedDatabase> {
  // A process keeps to its first file: the settings that lock it leave no way to another.
  if (opened && opened.file !== file) throw new Error('a process serves one file');
  opened ??= { file, database: await LockedDatabase.open(file, settings.memoryBytes, settings.threads) };
  return opened.database;
}

async function answer({ file, ...query }: Ask, signal: AbortSignal): Promise<void> {
  let database;
  try {
    database = await databaseOf(file);
  } catch (error) {
    const failure = explainError(error, '');
    return send({ end: { kind: 'unopened', type: failure.kind === 'broken' ? failure.type : failure.kind } });
  }
  const ended = await database.run(
    query,
    {
      columns: (columns) => void send({ columns }),
      rows: (json) => sendText(`{"rows":${json}}`, signal),
    },
    signal,
  );
  await send({ end: ended });
}

channel.on('error', end);
channel.on('close', end);
beModest();
await send({ ready: true });
let cancelling = new AbortController();
for await (const message of readFrames(channel) as AsyncIterable<ToChild>) {
  if ('cancel' in message) {
    cancelling.abort();
  } else {
    cancelling = new AbortController();
    // Not awaited, so that a cancel is heard meanwhile. What it throws is a fault of ours, and ends the process.
    void answer(message.ask, cancelling.signal).catch(end);
  }
}
end();
