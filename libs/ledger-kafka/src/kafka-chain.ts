import { type Pool } from 'pg';
import { emptyHead, leafHash, type Head, type LinkedEntry } from '@chartledger/ledger';
import { ChartledgerError, IntegrityError, type Logger } from '@chartledger/platform';
import { appendEntries, type PartitionLog } from './append-protocol.js';
import { BatchSender } from './batch-sender.js';
import { ChainFold } from './chain-fold.js';
import { ChainTail } from './chain-tail.js';
import { type KafkaClient } from './kafka-client.js';
import { MISSING_MS, PartitionReader } from './partition-reader.js';
import { persist } from './patience.js';
import { copyHead, TopicCopy, type CopyHead } from './topic-copy.js';
import { decodeRecord, recordBytes, recordValue } from './topic-record.js';
import { MAX_MESSAGE_BYTES } from './topic.js';

/** Of one send: leaves room in a message of the largest size for what frames the batch. */
export const MAX_SEND_BYTES = 12 * 1024 * 1024;
/** The header of a batch has 61 bytes. */
const MAX_RECORD_BYTES = MAX_MESSAGE_BYTES - 1024;
/** Longer than the election of a new leader at a broker's default settings (16 s). */
const APPEND_DEADLINE_MS = 40_000;
/** Longer than the election of a new leader at a broker's default settings (16 s). */
const PATIENCE_MS = 30_000;

/** What chains of one ledger share. */
export interface ChainContext {
  client: KafkaClient;
  pool: Pool;
  logger: Logger;
}

/** One chain as this process has it open: its tail, its copy, and its writer once something is appended. */
export class KafkaChain {
  private readonly closing = new AbortController();
  private readonly sender: BatchSender;
  private readonly log: PartitionLog;
  private appending: Promise<unknown> = Promise.resolve();

  private constructor(
    context: ChainContext,
    chain: number,
    reader: PartitionReader,
    fold: ChainFold,
    copied: CopyHead,
  ) {
    const { client, pool, logger } = context;
    const { signal } = this.closing;
    this.copy = new TopicCopy(pool, copied, logger, signal, (fault) => this.tail.fail(fault));
    this.tail = new ChainTail(reader, chain, fold, () => this.copy.room(), logger, signal);
    this.tail.watch((entries) => this.copy.push(entries));
    this.sender = new BatchSender(client, chain, logger, signal);
    this.log = partitionLog(this.tail, this.sender);
    this.copy.start();
    this.tail.start();
  }

  readonly tail: ChainTail;
  readonly copy: TopicCopy;

  /** @throws IntegrityError when the topic does not hold what the copy had from it. */
  static async open(context: ChainContext, chain: number): Promise<KafkaChain> {
    const copied = await copyHead(context.pool, chain);
    const reader = new PartitionReader(context.client);
    try {
      return new KafkaChain(context, chain, reader, await foldAfter(reader, copied), copied);
    } catch (error) {
      reader.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.closing.abort();
    this.sender.close();
    await this.tail.ended();
    await this.copy.ended();
  }

  get head(): Head {
    return this.tail.head;
  }

  /** As `Ledger.append`; one at a time, however many are asked for. */
  append(head: Head, entries: readonly LinkedEntry[]): Promise<boolean> {
    for (const entry of entries) requireFits(entry);
    const limits = {
      maxSendBytes: MAX_SEND_BYTES,
      deadlineMs: APPEND_DEADLINE_MS,
      now: () => performance.now(),
    };
    const appended = this.appending.then(() => appendEntries(this.log, head, entries, limits));
    // The next one waits for the end of this one, and does not care what came of it.
    this.appending = appended.catch(() => undefined);
    return appended;
  }
}

function partitionLog(tail: ChainTail, sender: BatchSender): PartitionLog {
  return {
    get head() {
      return tail.head;
    },
    send: (entries) => {
      tail.expect(entries);
      return sender.send(entries.map((entry) => ({ key: entry.fields.record, value: recordValue(entry) })));
    },
    sync: () => tail.sync(),
    watch: (listener) => tail.watch(listener),
  };
}

/**
 * The fold that goes on where the copy ends.
 * @throws IntegrityError when the topic is shorter than what was copied of it, or holds another record there.
 */
export async function foldAfter(reader: PartitionReader, copied: CopyHead): Promise<ChainFold> {
  const { chain, seq, leaf, time, offset } = copied;
  if (seq < 0) return new ChainFold(emptyHead(chain));
  const record = await recordAt(reader, chain, offset);
  const parts = decodeRecord(record ?? null);
  if (!parts || !leafHash(parts.envelope).equals(leaf)) {
    const what = record ? 'holds another record' : 'ends before the record';
    throw new IntegrityError(
      `chain ${chain}: the topic ${what} at offset ${offset}, where entry ${seq} was read: it was cut off, deleted or replaced. Entries that were acknowledged are missing: stop every writer, and restore the topic from its replicas or its backup`,
    );
  }
  return new ChainFold({ chain, seq, leaf, time }, offset + 1);
}

/** Undefined when the topic ends before it, for longer than a leader that was deposed may say so. */
async function recordAt(reader: PartitionReader, chain: number, offset: number): Promise<Buffer | null | undefined> {
  const { signal } = new AbortController();
  const deadline = performance.now() + MISSING_MS;
  return persist(`chain ${chain} cannot be read at offset ${offset}`, PATIENCE_MS, signal, async () => {
    const isHeld = (await reader.end(chain)) > offset;
    const records = isHeld ? await reader.fetch(chain, offset, 1) : [];
    const record = records.find((one) => one.offset === offset);
    if (record) return record.value;
    if (performance.now() > deadline) return undefined;
    throw new Error('it is not there');
  });
}

function requireFits(entry: LinkedEntry): void {
  if (recordBytes(entry) <= MAX_RECORD_BYTES) return;
  throw new ChartledgerError(
    'too-long',
    413,
    `an entry of ${recordBytes(entry)} bytes does not fit into a record of the Kafka topic, which may have ${MAX_RECORD_BYTES}: send the resource in smaller parts, or its attachments as references`,
  );
}
