import { acceptEvent } from './accept-event.js';
import { readChangeEvent, type ChangeEvent } from './change-event.js';

/** What stands at an offset of a partition. */
export interface EventRecord {
  offset: number;
  value: Buffer | null;
}

/** What is sent to a partition. */
export interface SentRecord {
  key: string;
  value: readonly Uint8Array[];
  headers?: Uint8Array;
}

/** One partition of the topic: an append-only log that may lose its beginning, and whose answers prove nothing. */
export interface EventPartition {
  /** The offset of the first record that is still there. */
  begin(): Promise<number>;
  /** The offset after the last record. */
  end(): Promise<number>;
  /** Records from `offset` on, in order, at least one where there are any; waits up to `waitMs` for a first one. */
  fetch(offset: number, maxBytes: number, waitMs?: number): Promise<EventRecord[]>;
  /** Resolves when the log answered or was given up. The batch may be there, not be there, or come later. */
  send(records: readonly SentRecord[]): Promise<void>;
}

const FETCH_BYTES = 4 * 1024 * 1024;
const FETCH_WAIT_MS = 1_000;
/** More than the batch of a publisher that woke late can fill, so that what it wrote too early is not taken for the end. */
const TAIL_RECORDS = 4_000;

/** Reads a partition as every consumer does, and so knows how far it was published. */
export class EventLog {
  /** The last event that was read in its turn. */
  #last: ChangeEvent | undefined;
  #next: number;

  private constructor(
    private readonly partition: EventPartition,
    from: number,
    /** Whether nothing was ever removed before `from`: then the first event must be the first of the chain. */
    private readonly isWhole: boolean,
  ) {
    this.#next = from;
  }

  /** Reads the end of the partition; all of it where nothing in the end is an event. */
  static async open(partition: EventPartition): Promise<EventLog> {
    const [begin, end] = await Promise.all([partition.begin(), partition.end()]);
    for (let count = TAIL_RECORDS; ; count *= 4) {
      const from = Math.max(begin, end - count);
      const log = new EventLog(partition, from, from === 0);
      await log.readTo(end);
      if (log.#last || from === begin) return log;
    }
  }

  /** `seq` of the last event that was published, -1 where there is none. */
  get last(): number {
    return this.#last?.data.seq ?? -1;
  }

  /** Leaf hash of the entry of the last event that was published. */
  get lastLeaf(): string | undefined {
    return this.#last?.data.leaf;
  }

  send(records: readonly SentRecord[]): Promise<void> {
    return this.partition.send(records);
  }

  /** Reads everything that the partition held when this was called. @throws Error when it is not what was read before. */
  async sync(): Promise<void> {
    await this.readTo(await this.partition.end());
  }

  private async readTo(end: number): Promise<void> {
    if (end < this.#next) throw new Error(`the partition ends at ${end}, but ${this.#next} was read: it was made anew`);
    while (this.#next < end) this.take(await this.partition.fetch(this.#next, FETCH_BYTES, FETCH_WAIT_MS));
  }

  private take(records: readonly EventRecord[]): void {
    for (const { offset, value } of records) {
      if (offset < this.#next) continue;
      this.#next = offset + 1;
      const event = readChangeEvent(value);
      const last = this.#last?.data.seq ?? (this.isWhole ? -1 : undefined);
      if (event && acceptEvent(last, event.data) === 'next') this.#last = event;
    }
  }
}
