import { type Head, type LinkedEntry } from '@chartledger/ledger';
import { ChartledgerError, UnavailableError, type Logger } from '@chartledger/platform';
import { type AcceptedEntry, type ChainFold } from './chain-fold.js';
import { type PartitionReader } from './partition-reader.js';
import { pause, persist } from './patience.js';

/** How long a fetch waits for a first record. It costs nothing but the time that a closed connection takes to be noticed. */
const WAIT_MS = 1_000;
const FETCH_BYTES = 4 * 1024 * 1024;
/** A new leader was there within 16 s at a broker's default settings. */
const PATIENCE_MS = 30_000;
const PAUSE_MS = 200;

type Listener = (entries: readonly AcceptedEntry[]) => void;

interface Waiter {
  offset: number;
  resolve: () => void;
}

/** Reads a partition as it grows and folds it into its chain, for all who are interested in this process. */
export class ChainTail {
  private readonly listeners = new Set<Listener>();
  private readonly waiters = new Set<Waiter>();
  private running: Promise<void> | undefined;
  /** After which nothing more is read: the topic is not what it was. */
  private fault: Error | undefined;
  private lastFailure = 'it makes no progress';

  /** @param room resolves when there is room for more. */
  constructor(
    private readonly reader: PartitionReader,
    private readonly chain: number,
    private readonly fold: ChainFold,
    private readonly room: () => Promise<void>,
    private readonly logger: Logger,
    private readonly signal: AbortSignal,
  ) {}

  start(): void {
    this.running = this.run();
  }

  /** After the signal was aborted. */
  async ended(): Promise<void> {
    this.reader.close();
    await this.running;
  }

  get head(): Head {
    return this.fold.head;
  }

  /** Entries that this process is about to send: they are read faster. */
  expect(entries: readonly LinkedEntry[]): void {
    this.fold.expect(entries);
  }

  get rejects(): number {
    return this.fold.rejects;
  }

  /**
   * `listener` is told of the entries that are read from now on, in order, until the function returned is called; of none
   * when nothing more can be read.
   */
  watch(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Nothing more can be read, and everyone is to know why. */
  fail(fault: Error): void {
    if (!this.fault) {
      this.logger.fatal({ stage: 'append', chain: this.chain, error: fault.message }, 'the chain cannot be read on');
    }
    this.end(fault);
  }

  /** @throws Error why nothing more can be read, where that is so. */
  requireSound(): void {
    if (this.fault) throw this.fault;
  }

  /**
   * Resolves when everything that was replicated when it was called is folded. @throws UnavailableError when the topic
   * cannot be read; IntegrityError when it is not what it was.
   */
  async sync(): Promise<void> {
    const known = this.fold.nextOffset;
    const end = await persist(`the end of chain ${this.chain} cannot be read`, PATIENCE_MS, this.signal, async () => {
      this.requireSound();
      const asked = await this.reader.end(this.chain);
      // Of a leader that was deposed and does not know it yet; or of a topic that lost records, which the next fetch shows.
      if (asked < known) throw new Error(`it is said to be ${asked}, but ${known} was read before`);
      return asked;
    });
    while (this.fold.nextOffset < end) {
      this.requireSound();
      const before = this.fold.nextOffset;
      await this.reached(end);
      this.requireSound();
      if (this.fold.nextOffset === before) {
        throw new UnavailableError(
          `chain ${this.chain}: the topic cannot be read (${this.lastFailure}); see whether Kafka and PostgreSQL are healthy, then try again`,
        );
      }
    }
    this.requireSound();
  }

  /** Resolves when the fold is there, or after a time. */
  private reached(offset: number): Promise<void> {
    return new Promise((resolve) => {
      const waiter: Waiter = {
        offset,
        resolve: () => {
          clearTimeout(timer);
          this.waiters.delete(waiter);
          resolve();
        },
      };
      const timer = setTimeout(waiter.resolve, PATIENCE_MS);
      this.waiters.add(waiter);
    });
  }

  private async run(): Promise<void> {
    while (!this.signal.aborted && !this.fault) {
      try {
        await this.room();
        const records = await this.reader.fetch(this.chain, this.fold.nextOffset, FETCH_BYTES, WAIT_MS);
        if (records.length === 0) continue;
        const accepted = this.fold.take(records);
        if (accepted.length > 0) for (const listener of this.listeners) listener(accepted);
        this.wakeWaiters();
      } catch (error) {
        if (this.signal.aborted) break;
        if (error instanceof ChartledgerError && !(error instanceof UnavailableError)) return this.fail(error);
        this.lastFailure = (error as Error).message;
        this.logger.warn({ stage: 'append', chain: this.chain, error: this.lastFailure }, 'the topic cannot be read');
        await pause(PAUSE_MS, this.signal);
      }
    }
    this.end(new UnavailableError(`chain ${this.chain}: the ledger is closed`));
  }

  private end(fault: Error): void {
    this.fault ??= fault;
    this.wakeWaiters();
    for (const listener of this.listeners) listener([]);
  }

  private wakeWaiters(): void {
    for (const waiter of this.waiters) if (this.fault || waiter.offset <= this.fold.nextOffset) waiter.resolve();
  }
}
