import { type Pool } from 'pg';
import { byteaArray, int8Array, run } from '@chartledger/database';
import { leafHash, ZERO_HASH, type Head } from '@chartledger/ledger';
import { IntegrityError, type Logger } from '@chartledger/platform';
import { type AcceptedEntry } from './chain-fold.js';
import { pause } from './patience.js';
import { RecentEntries } from './recent-entries.js';
import { COPY, COPY_HEAD, OPEN_COPY } from './topic.queries.js';

/** Rows of one statement: some 3 MB. */
const MAX_ENTRIES = 1_500;
const MAX_BYTES = 8 * 1024 * 1024;
/** How often a process looks how far the one is that copies: what it holds itself meanwhile is some MB. */
const WATCH_MS = 200;
const PAUSE_MS = 500;

/** Where the copy of a chain ends, and at which offset that entry is. */
export interface CopyHead extends Head {
  offset: number;
}

/** @throws IntegrityError when the copy contradicts itself. */
export async function copyHead(pool: Pool, chain: number): Promise<CopyHead> {
  await run(pool, OPEN_COPY, [chain, ZERO_HASH]);
  const [row] = await run<HeadRow>(pool, COPY_HEAD, [chain]);
  if ((row.last_seq ?? -1) !== row.seq || (row.envelope && !leafHash(row.envelope).equals(row.leaf))) {
    throw new IntegrityError(
      `chain ${chain}: the copy in PostgreSQL ends at seq ${row.last_seq ?? -1}, not at its head (seq ${row.seq}): restore the database from its backup, or empty the copy, which is then filled again from the topic`,
    );
  }
  return { chain, seq: row.seq, leaf: row.leaf, time: row.time, offset: row.offset };
}

/**
 * Keeps the copy of one chain, behind the topic: entries are acknowledged before they are copied. Where several processes
 * have the chain open, one that finds another faster lets it go on and copies only when that one stops.
 */
export class TopicCopy {
  readonly recent: RecentEntries;
  private head: Head;
  private wake: (() => void) | undefined;
  private roomWaiters: (() => void)[] = [];
  private running: Promise<void> | undefined;

  constructor(
    private readonly pool: Pool,
    head: CopyHead,
    private readonly logger: Logger,
    private readonly signal: AbortSignal,
    private readonly onFault: (fault: IntegrityError) => void,
  ) {
    this.head = head;
    this.recent = new RecentEntries(head.seq);
  }

  start(): void {
    this.signal.addEventListener('abort', () => this.wakeAll(), { once: true });
    this.running = this.run();
  }

  /** After the signal was aborted. What is not copied yet, the next process copies. */
  async ended(): Promise<void> {
    await this.running;
  }

  push(entries: readonly AcceptedEntry[]): void {
    this.recent.push(entries);
    this.wake?.();
  }

  /** Resolves when little enough waits to be copied. */
  async room(): Promise<void> {
    while (!this.recent.hasRoom && !this.signal.aborted) {
      await new Promise<void>((resolve) => this.roomWaiters.push(resolve));
    }
  }

  private async run(): Promise<void> {
    while (!this.signal.aborted) {
      const batch = this.recent.uncopied(MAX_ENTRIES, MAX_BYTES);
      try {
        if (batch.length === 0) await new Promise<void>((resolve) => (this.wake = resolve));
        else if (await this.copy(batch)) this.copied(batch[batch.length - 1]);
        else await this.watchOther();
      } catch (error) {
        if (error instanceof IntegrityError) return this.onFault(error);
        this.logger.warn(
          { stage: 'append', error: (error as Error).message },
          'entries cannot be copied to PostgreSQL; they are kept, and copied when it answers',
        );
        await pause(PAUSE_MS, this.signal);
      }
    }
  }

  private async copy(batch: readonly AcceptedEntry[]): Promise<boolean> {
    const { chain, seq, leaf } = this.head;
    const last = batch[batch.length - 1];
    const rows = await run(this.pool, COPY, [
      chain,
      seq,
      leaf,
      last.seq,
      last.leaf,
      last.time,
      last.offset,
      int8Array(batch.map(({ offset }) => offset)),
      byteaArray(batch.map(({ envelope }) => envelope)),
      byteaArray(batch.map(({ payload }) => payload)),
    ]);
    return rows.length > 0;
  }

  /** Returns when the other process copies no more. */
  private async watchOther(): Promise<void> {
    for (;;) {
      const head = await copyHead(this.pool, this.head.chain);
      if (head.seq < this.head.seq) {
        throw new IntegrityError(
          `chain ${head.chain}: the copy in PostgreSQL went back from seq ${this.head.seq} to ${head.seq}: start this process again, it then fills the copy from the topic`,
        );
      }
      const own = head.seq === this.head.seq ? this.head : this.recent.at(head.seq);
      if (own && !own.leaf.equals(head.leaf)) {
        throw new IntegrityError(
          `chain ${head.chain}: the copy in PostgreSQL has another entry at seq ${head.seq} than the topic: do the processes have the same topic? Empty the copy, it is then filled again`,
        );
      }
      const hasMoved = head.seq > this.head.seq;
      if (hasMoved) this.copied(head);
      if (!hasMoved || this.signal.aborted) return;
      await pause(WATCH_MS, this.signal);
    }
  }

  private copied(head: Head): void {
    this.head = { chain: head.chain, seq: head.seq, leaf: head.leaf, time: head.time };
    this.recent.copied(head.seq);
    if (this.recent.hasRoom) this.wakeRoom();
  }

  private wakeRoom(): void {
    for (const resolve of this.roomWaiters.splice(0)) resolve();
  }

  private wakeAll(): void {
    this.wake?.();
    this.wakeRoom();
  }
}

interface HeadRow {
  seq: number;
  leaf: Buffer;
  time: number;
  offset: number;
  last_seq: number | null;
  envelope: Buffer | null;
}
