import { type Pool } from 'pg';
import { type DataSource } from 'typeorm';
import { copiedEntry, copyRows, int8Array, poolOf, run } from '@chartledger/database';
import { readAhead, type Head, type Ledger, type LinkedEntry, type StoredEntry } from '@chartledger/ledger';
import { IntegrityError, type Logger } from '@chartledger/platform';
import { type AcceptedEntry } from './chain-fold.js';
import { KafkaChain, type ChainContext } from './kafka-chain.js';
import { KafkaClient } from './kafka-client.js';
import { type KafkaOptions } from './kafka-options.js';
import { PartitionReader } from './partition-reader.js';
import { persist } from './patience.js';
import { readPartition } from './read-partition.js';
import { COPIED_CHAINS, envelopesQuery, GET, readQuery } from './topic.queries.js';
import { ensureTopic } from './topic.js';

/** Entries of one read: some 3 MB at 3 KB an entry. */
const READ_BATCH = 1024;
/** Longer than the election of a new leader at a broker's default settings (16 s). */
const PATIENCE_MS = 30_000;
const MISSING_ROW =
  'the copy in PostgreSQL lacks entries that were copied: restore the database from its backup, or empty the copy, which is then filled again from the topic';

/**
 * The `Ledger` over a Kafka topic: chain c is partition c, and the chain itself is the fence between writers. The topic is
 * the truth. Reads by position are served from memory for what is recent, else from a copy in PostgreSQL that follows it.
 */
export class KafkaLedger implements Ledger {
  private readonly pool: Pool;
  private readonly reader: PartitionReader;
  private readonly chainsOpen = new Map<number, Promise<KafkaChain>>();
  private readonly closing = new AbortController();

  private constructor(
    private readonly context: ChainContext,
    private readonly partitions: number,
  ) {
    this.pool = context.pool;
    this.reader = new PartitionReader(context.client);
  }

  /**
   * Makes the topic where there is none. `source` MUST have the tables of `topicTables`. Opens every chain that was copied
   * before, so that a topic which lost something is noticed at once.
   * @param chains the number of the last chain that is needed.
   * @throws ConfigurationError when the topic is set so that data would be lost; IntegrityError when data was lost.
   */
  static async open(source: DataSource, options: KafkaOptions, chains: number, logger: Logger): Promise<KafkaLedger> {
    const client = new KafkaClient(options, logger);
    const partitions = await ensureTopic(client, chains);
    const ledger = new KafkaLedger({ client, pool: poolOf(source), logger }, partitions);
    try {
      const copied = await run<{ chain: number }>(ledger.pool, COPIED_CHAINS, []);
      await Promise.all(copied.map(({ chain }) => ledger.open(chain)));
    } catch (error) {
      await ledger.close();
      throw error;
    }
    return ledger;
  }

  async close(): Promise<void> {
    this.closing.abort();
    this.reader.close();
    // One that could not be opened has nothing to close.
    const opened = await Promise.allSettled(this.chainsOpen.values());
    await Promise.all(opened.map((one) => (one.status === 'fulfilled' ? one.value.close() : undefined)));
  }

  async chains(): Promise<number[]> {
    const partitions = Array.from({ length: this.partitions }, (_, partition) => partition);
    const ends = await persist('the topic cannot be read', PATIENCE_MS, this.closing.signal, () =>
      this.reader.ends(partitions),
    );
    const written = partitions.filter((partition) => ends[partition] > 0);
    const heads = await Promise.all(written.map((chain) => this.head(chain)));
    return heads.filter(({ seq }) => seq >= 0).map(({ chain }) => chain);
  }

  async head(chain: number): Promise<Head> {
    const opened = await this.open(chain);
    await opened.tail.sync();
    return opened.head;
  }

  async append(head: Head, entries: readonly LinkedEntry[]): Promise<boolean> {
    return (await this.open(head.chain)).append(head, entries);
  }

  /** How many of the records that were read since the chain was opened were no entries of it. */
  async rejects(chain: number): Promise<number> {
    return (await this.open(chain)).tail.rejects;
  }

  /** As `rejects`, of the chains that are open; waits for none that is being opened. */
  async rejectsOfOpen(): Promise<Map<number, number>> {
    const found = new Map<number, number>();
    for (const [chain, opening] of this.chainsOpen) {
      const open = await Promise.race([opening, undefined]).catch(() => undefined);
      if (open) found.set(chain, open.tail.rejects);
    }
    return found;
  }

  async *read(chain: number, from: number, to?: number): AsyncIterable<StoredEntry[]> {
    const opened = await this.open(chain);
    await opened.tail.sync();
    yield* readAhead(this.readKnown(opened, from, Math.min(to ?? Infinity, opened.head.seq + 1)));
  }

  /** As `read`, to the head when it is called, from the topic itself and not from the copy: what a verification reads. */
  async *readTopic(chain: number, from: number, to?: number): AsyncIterable<StoredEntry[]> {
    const before = from > 0 ? (await run<EntryRow>(this.pool, GET, [chain, int8Array([from - 1])]))[0] : undefined;
    yield* readPartition(this.context.client, chain, from, to ?? Infinity, before);
  }

  async get(chain: number, seqs: readonly number[]): Promise<(StoredEntry | undefined)[]> {
    const opened = await this.open(chain);
    if (seqs.some((seq) => seq > opened.head.seq)) await opened.tail.sync();
    const recent = seqs.map((seq) => opened.copy.recent.at(seq));
    const older = seqs.filter((seq, index) => !recent[index] && seq <= opened.head.seq);
    const rows = older.length > 0 ? await run<EntryRow>(this.pool, GET, [chain, int8Array(older)]) : [];
    const bySeq = new Map(rows.map(({ seq, envelope, payload }) => [seq, { chain, seq, envelope, payload }]));
    return recent.map((entry, index) => (entry ? stored(entry) : bySeq.get(seqs[index])));
  }

  async envelopes(chain: number, from: number, to: number): Promise<Buffer[]> {
    const opened = await this.open(chain);
    if (to > opened.head.seq + 1) await opened.tail.sync();
    const recent = opened.copy.recent.slice(from, to);
    const firstRecent = recent.length > 0 ? recent[0].seq : Math.min(to, opened.head.seq + 1);
    const rows = from < firstRecent ? await copyRows(this.pool, envelopesQuery(chain, from, firstRecent)) : [];
    return [...rows.map(([envelope]) => envelope!), ...recent.map(({ envelope }) => envelope)];
  }

  async *follow(chain: number, from: number, signal: AbortSignal): AsyncIterable<StoredEntry[]> {
    if (signal.aborted) return;
    const opened = await this.open(chain);
    const grown = new Wake(signal);
    const stopWatching = opened.tail.watch(() => grown.ring());
    try {
      let next = from;
      while (!signal.aborted) {
        for await (const batch of this.readKnown(opened, next, opened.head.seq + 1)) {
          if (signal.aborted) return;
          yield batch;
          next = batch[batch.length - 1].seq + 1;
        }
        opened.tail.requireSound();
        if (opened.head.seq < next) await grown.next();
      }
    } finally {
      stopWatching();
    }
  }

  /** What is folded already, from the copy and then from memory. */
  private async *readKnown(opened: KafkaChain, from: number, end: number): AsyncGenerator<StoredEntry[]> {
    const { chain } = opened.head;
    let next = from;
    while (next < end) {
      const batchEnd = Math.min(next + READ_BATCH, end);
      const recent = next >= opened.copy.recent.firstSeq ? opened.copy.recent.slice(next, batchEnd) : [];
      const batch =
        recent.length > 0
          ? recent.map(stored)
          : await this.readCopy(chain, next, Math.min(batchEnd, opened.copy.recent.firstSeq));
      if (batch.length === 0) throw new IntegrityError(`chain ${chain}: ${MISSING_ROW}`);
      yield batch;
      next += batch.length;
    }
  }

  private async readCopy(chain: number, from: number, end: number): Promise<StoredEntry[]> {
    const rows = await copyRows(this.pool, readQuery(chain, from, end));
    return rows.map((row) => copiedEntry(chain, row));
  }

  private open(chain: number): Promise<KafkaChain> {
    const opened = this.chainsOpen.get(chain);
    if (opened) return opened;
    const opening = KafkaChain.open(this.context, chain);
    this.chainsOpen.set(chain, opening);
    // The next caller tries again, and is told if that fails too.
    opening.catch(() => this.chainsOpen.delete(chain));
    return opening;
  }
}

/** Lets one wait for what may have happened since it was last looked at. */
class Wake {
  private rung = false;
  private resolve: (() => void) | undefined;

  constructor(signal: AbortSignal) {
    signal.addEventListener('abort', () => this.ring(), { once: true });
  }

  ring(): void {
    this.rung = true;
    this.resolve?.();
  }

  async next(): Promise<void> {
    if (!this.rung) await new Promise<void>((resolve) => (this.resolve = resolve));
    this.rung = false;
  }
}

function stored({ chain, seq, envelope, payload }: AcceptedEntry): StoredEntry {
  return { chain, seq, envelope, payload };
}

interface EntryRow {
  seq: number;
  offset: number;
  envelope: Buffer;
  payload: Buffer;
}
