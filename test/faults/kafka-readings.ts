import { type Connection } from '@chartledger/database';
import { ledgerChainSource, verifyChain, type StoredEntry } from '@chartledger/ledger';
import { type KafkaOptions } from '@chartledger/ledger-kafka';
import { eventually, ownerQuery } from '@chartledger/testing';
import { chainFault, readEntry, readingFault, type ReadEntry } from './kafka-checks.js';
import { openHandle, type Handle } from './kafka-handles.js';
import { type WriterRecord } from './kafka-record.js';

const UNSIGNED = { checkpoints: async () => [] };
const NO_TRUST = { origin: 'faults.test', verifiers: [] };
/** The copy follows the topic; it has this long to get to its end. */
const COPY_MS = 30_000;

/** A chain as it is checked: its writers' record, and who followed it from the beginning while it was written. */
export interface WrittenChain {
  chain: number;
  record: WriterRecord;
  followers: Follower[];
}

/** Follows a chain from its beginning, and keeps what it was given. */
export class Follower {
  readonly read: ReadEntry[] = [];
  private readonly closing = new AbortController();
  private readonly running: Promise<void>;

  constructor({ ledger }: Handle, chain: number) {
    this.running = this.run(ledger, chain);
    // Whoever waits for it is told.
    this.running.catch(() => undefined);
  }

  /** Resolves to everything it was given when it has so many entries. */
  async reached(count: number): Promise<ReadEntry[]> {
    const failed = this.running.then(() => undefined);
    await Promise.race([failed, eventually(`${count} entries followed`, () => this.read.length >= count, COPY_MS)]);
    this.closing.abort();
    await this.running;
    return this.read;
  }

  private async run(ledger: Handle['ledger'], chain: number): Promise<void> {
    for await (const batch of ledger.follow(chain, 0, this.closing.signal)) this.read.push(...batch.map(readEntry));
  }
}

/**
 * Reads every chain in every way there is, as processes that come later and as those that were there, and says the first
 * thing that is wrong with any of them. The faults MUST have ended.
 */
export async function firstFault(
  written: readonly WrittenChain[],
  connection: Connection,
  options: KafkaOptions,
  chains: number,
): Promise<string | undefined> {
  const handles = [await openHandle(connection, options, chains), await openHandle(connection, options, chains)];
  try {
    for (const one of written) {
      const fault = await faultOf(one, handles, connection);
      if (fault) return `chain ${one.chain}: ${fault}`;
    }
    return undefined;
  } finally {
    for (const handle of handles) await handle.close();
  }
}

async function faultOf(
  { chain, record, followers }: WrittenChain,
  [first, second]: Handle[],
  connection: Connection,
): Promise<string | undefined> {
  const expected = await all(first.ledger.readTopic(chain, 0));
  const readings: [string, () => Promise<ReadEntry[]>][] = [
    ['the first handle', () => all(first.ledger.read(chain, 0))],
    ['the second handle', () => all(second.ledger.read(chain, 0))],
    ['the copy in PostgreSQL', () => copied(connection, chain, expected.length)],
    ...followers.map((one, at): [string, () => Promise<ReadEntry[]>] => [
      `follower ${at}`,
      () => one.reached(expected.length),
    ]),
  ];
  const fault = chainFault(record, expected);
  if (fault) return fault;
  for (const [name, reading] of readings) {
    const difference = readingFault(expected, await reading(), name);
    if (difference) return difference;
  }
  const verdict = await verifyChain(ledgerChainSource(second.ledger, chain, UNSIGNED), NO_TRUST, {
    requirePayloads: true,
  });
  return verdict.ok ? undefined : `verifyChain says ${JSON.stringify(verdict)}`;
}

async function all(reading: AsyncIterable<StoredEntry[]>): Promise<ReadEntry[]> {
  const read: ReadEntry[] = [];
  for await (const batch of reading) read.push(...batch.map(readEntry));
  return read;
}

async function copied(connection: Connection, chain: number, count: number): Promise<ReadEntry[]> {
  const read = `select seq::int4, envelope, payload from topic.entry where chain = ${chain} order by seq`;
  const rows = await eventually(
    `a copy of ${count} entries of chain ${chain}`,
    async () => {
      const found = (await ownerQuery(connection, read)) as unknown as StoredEntry[];
      return found.length >= count && found;
    },
    COPY_MS,
  );
  return rows.map(readEntry);
}
