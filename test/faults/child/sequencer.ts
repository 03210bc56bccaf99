import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, fdatasyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { migrate, openDataSource, poolOf } from '@chartledger/database';
import { type Ledger } from '@chartledger/ledger';
import { KafkaLedger, topicTables } from '@chartledger/ledger-kafka';
import { ChartledgerError, createLogger, UnavailableError } from '@chartledger/platform';
import { type Projection } from '@chartledger/projection';
import { ownChain } from '@chartledger/sequence';
import { openStages, type TestStages } from '@chartledger/testing';
import { CHAIN, READY, type ChildOptions, type Step } from './protocol.js';

/** `sequencer.ts OPTIONS`: a process that sequences, appends and projects until a line comes in, or until its parent is gone. */

const NO_TABLES = { entities: [], migrations: [] };
const RECORDS = 20;
const RETRY_MS = 100;

const options = JSON.parse(process.argv[2]) as ChildOptions;
let isStopping = false;
process.stdin.once('data', () => (isStopping = true)).once('close', () => process.exit(1));

let times = 0;
/** Where it was told to end, it ends here. */
function step(name: Step): void {
  if (options.killAt?.step !== name) return;
  times += 1;
  if (times === options.killAt.time) process.kill(process.pid, 'SIGKILL');
}

function stepping(ledger: Ledger): Ledger {
  const append: Ledger['append'] = async (head, entries) => {
    step('before the append');
    const isAppended = await ledger.append(head, entries);
    step('after the append');
    return isAppended;
  };
  return new Proxy(ledger, {
    get: (target, name) => {
      if (name === 'append') return append;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

function steppingRows(projection: Projection): Projection {
  return {
    name: projection.name,
    reads: (chain) => projection.reads(chain),
    createTables: (schema) => projection.createTables(schema),
    apply: async (client, at, entries) => {
      step('before the rows');
      const isApplied = await projection.apply(client, at, entries);
      step('after the rows');
      return isApplied;
    },
  };
}

async function waitForLock(): Promise<void> {
  await migrate(options.connection, NO_TABLES);
  const pool = poolOf(await openDataSource(options.connection, NO_TABLES, 1));
  while (!isStopping) {
    const owner = await ownChain(pool, CHAIN).catch(() => undefined);
    if (owner) return;
    await delay(RETRY_MS);
  }
}

/** Submissions that the process before this one sent and had no answer to: they are sent again, as gateways do. */
function unanswered(): string[] {
  if (!existsSync(options.journal)) return [];
  const ids = new Set<string>();
  for (const line of readFileSync(options.journal, 'utf8').split('\n')) {
    const [what, id] = line.split(' ');
    if (what === 'sent') ids.add(id);
    if (what === 'acknowledged') ids.delete(id);
  }
  return [...ids];
}

async function keepSending(stages: TestStages, journal: number, again: string[]): Promise<void> {
  while (!isStopping) {
    const repeated = again.shift();
    const id = repeated ?? randomUUID();
    if (repeated === undefined) writeSync(journal, `sent ${id}\n`);
    const seq = await sendUntilAnswered(stages, id);
    if (seq === undefined) return;
    writeSync(journal, `acknowledged ${id} ${seq}\n`);
    fdatasyncSync(journal);
  }
}

/** Undefined when the process is told to stop. */
async function sendUntilAnswered(stages: TestStages, id: string): Promise<number | undefined> {
  const record = `p${parseInt(id.slice(0, 6), 16) % RECORDS}`;
  const body = JSON.stringify({ resourceType: 'Patient', id: record, name: [{ family: id }] });
  while (!isStopping) {
    try {
      return (await stages.send({ id: record, idempotencyKey: id }, body)).seq;
    } catch (error) {
      if (!(error instanceof ChartledgerError) || !(error instanceof UnavailableError)) throw error;
      await delay(RETRY_MS);
    }
  }
  return undefined;
}

if (options.locks) await waitForLock();
const stages = await openStages(options.connection, '', {
  keysDir: options.keysDir,
  store: {
    tables: topicTables,
    open: (source) => KafkaLedger.open(source, options.kafka, CHAIN, createLogger('fatal')),
  },
  wrapLedger: stepping,
  wrapProjection: steppingRows,
});
const again = unanswered();
const journal = openSync(options.journal, 'a');
process.stdout.write(`${READY}\n`);
await Promise.all(Array.from({ length: options.lanes }, () => keepSending(stages, journal, again)));
closeSync(journal);
await stages.stop();
process.exit(0);
