import { setTimeout as delay } from 'node:timers/promises';
import { type Pool, type PoolClient } from 'pg';
import { type Ledger } from '@chartledger/ledger';
import { failSpan, UnavailableError, type Logger, type Metrics } from '@chartledger/platform';
import { EntryFeed } from './entry-feed.js';
import { type EntryOpener } from './entry-opener.js';
import { activeGeneration, readPosition, schemaOf } from './generations.js';
import { traceBatch } from './project-trace.js';
import { type ProjectedEntry, type Projection, type Step } from './projection.port.js';
import { type View } from './view.js';

/** Entries of one statement when a view catches up: large enough that the round trip does not count. */
const MAX_BATCH = 2_000;

/**
 * How long a view gathers entries while nobody waits for it: one statement for what came in that time, where each small
 * group would cost its own. A read does not wait for it: it hurries the view.
 */
const GATHER_MS = 10;
/** So many entries are worth a statement at once. */
const ENOUGH_ENTRIES = 500;

/** Between two tries of a view that fails. */
const RETRY_MS = 500;

const STOPS = 'the server is stopping: ask again';

/** What a view needs of its surroundings. */
export interface RunnerContext {
  pool: Pool;
  ledger: Ledger;
  opener: EntryOpener;
  logger: Logger;
  metrics?: Metrics;
}

/**
 * Keeps one view up to date with one chain. Entries of this process come through `feed`; what the feed does not have
 * (after a start, after another process wrote) is read from the ledger. The position moves in the transaction that writes
 * the rows, so a crash at any moment repeats nothing and leaves nothing out.
 */
export class ProjectionRunner implements View {
  readonly feed = new EntryFeed();
  private generation = 0;
  private position = -1;
  /** Of the last entry that was applied, and when the view last had nothing to do: milliseconds since the epoch. */
  private appliedTime = 0;
  private idleUntil = Date.now();
  private waiters: { seq: number; resolve: () => void; reject: (error: Error) => void }[] = [];
  private hurry: (() => void) | undefined;
  private client: PoolClient | undefined;
  private running: Promise<void> | undefined;
  private stopping = false;
  private swapped = false;
  private failure: Error | undefined;
  private readonly stopRetrying = new AbortController();

  constructor(
    private readonly context: RunnerContext,
    readonly projection: Projection,
    readonly chain: number,
  ) {}

  /** Loads the position, starts, and resolves when the view has every entry that the ledger had at the call. */
  async start(): Promise<void> {
    this.client = await this.connect();
    await this.loadGeneration();
    const head = await this.context.ledger.head(this.chain);
    this.feed.announce(head.seq);
    this.running = this.keepRunning();
    await this.reached(head.seq);
  }

  async stop(): Promise<void> {
    this.stopping = true;
    this.hurry?.();
    this.stopRetrying.abort();
    this.feed.pause();
    await this.running;
    // Not for others: its commits are not waited for.
    this.client?.release(true);
    this.rejectWaiters(new UnavailableError(STOPS));
  }

  get name(): string {
    return this.projection.name;
  }

  get lag(): number {
    return Math.max(0, this.feed.head - this.position);
  }

  get applied(): number {
    return this.position;
  }

  /** How old the entries are that the view does not have yet, in seconds; 0 where it has all that are known. */
  get lagSeconds(): number {
    if (this.position >= this.feed.head) return 0;
    return Math.max(0, Date.now() - Math.max(this.appliedTime, this.idleUntil)) / 1000;
  }

  get schema(): string {
    return schemaOf(this.projection.name, this.generation);
  }

  /** What this process acknowledged was announced before. */
  caughtUp(): Promise<void> {
    return this.reached(this.feed.head);
  }

  async reached(seq: number): Promise<void> {
    if (this.position >= seq) return;
    if (this.failure) throw new UnavailableError(`the view ${this.projection.name} is not available now: ask again`);
    if (this.stopping) throw new UnavailableError(STOPS);
    await new Promise<void>((resolve, reject) => {
      this.waiters.push({ seq, resolve, reject });
      this.hurry?.();
    });
  }

  /** Another process has swapped the view for a rebuilt one: go on with that, after the write that is under way. */
  reload(): void {
    this.swapped = true;
    this.feed.wakeUp();
  }

  /**
   * A connection whose commits are not waited for until they are on disk: rows and position come back from a crash
   * together, and what is lost of them is applied again. It spares each small batch the time of a disk.
   */
  private async connect(): Promise<PoolClient> {
    const client = await this.context.pool.connect();
    await client.query('set synchronous_commit = off');
    return client;
  }

  private async loadGeneration(): Promise<void> {
    const generation = await activeGeneration(this.context.pool, this.projection);
    this.position = await readPosition(this.context.pool, this.projection.name, generation, this.chain);
    this.generation = generation;
    this.releaseWaiters();
  }

  /** A view that fails answers nothing, says so in the health check, and tries again. */
  private async keepRunning(): Promise<void> {
    const { signal } = this.stopRetrying;
    while (!this.stopping) {
      try {
        this.client ??= await this.connect();
        if (this.failure) await this.loadGeneration();
        this.failure = undefined;
        this.feed.resume();
        await this.run();
      } catch (error) {
        this.fail(error as Error);
        await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      if (this.swapped) {
        this.swapped = false;
        await this.loadGeneration();
        // It may have been stopped meanwhile, and would wait for entries that nobody announces any more.
        continue;
      }
      const next = this.position + 1;
      const live = this.feed.take(next, MAX_BATCH);
      if (live) await this.apply(live);
      else if (this.feed.head >= next) await this.catchUp(next, (this.feed.first ?? this.feed.head + 1) - 1);
      else {
        await this.feed.beyond(this.position);
        this.idleUntil = Date.now();
      }
      await this.gather();
    }
  }

  private async gather(): Promise<void> {
    if (this.waiters.length > 0 || this.stopping || this.feed.head - this.position >= ENOUGH_ENTRIES) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.hurry = resolve;
      timer = setTimeout(resolve, GATHER_MS);
    });
    clearTimeout(timer);
    this.hurry = undefined;
  }

  private async catchUp(from: number, to: number): Promise<void> {
    for await (const stored of this.context.ledger.read(this.chain, from, to + 1)) {
      if (this.stopping || !(await this.apply(await this.context.opener.project(stored)))) return;
    }
  }

  private async apply(entries: ProjectedEntry[]): Promise<boolean> {
    const to = entries[entries.length - 1].seq;
    const step = {
      schema: this.schema,
      name: this.projection.name,
      generation: this.generation,
      chain: this.chain,
      from: this.position,
      to,
    };
    if (!(await this.write(step, entries))) {
      this.context.logger.warn(
        { stage: 'project', projection: this.projection.name, chain: this.chain },
        'another writer moved the view',
      );
      await this.loadGeneration();
      return false;
    }
    this.position = to;
    this.appliedTime = entries[entries.length - 1].time;
    if (this.waiters.length > 0) this.releaseWaiters();
    return true;
  }

  private async write(step: Step, entries: readonly ProjectedEntry[]): Promise<boolean> {
    const { metrics } = this.context;
    const view = this.projection.name;
    const observeSeconds = metrics?.projectSeconds.startTimer({ view });
    const span = traceBatch(view, this.chain, entries);
    try {
      const isWritten = await this.projection.apply(this.client!, step, entries);
      if (isWritten) metrics?.projectBatch.observe({ view }, entries.length);
      observeSeconds?.();
      span?.end();
      return isWritten;
    } catch (error) {
      failSpan(span, 'failed');
      throw error;
    }
  }

  private releaseWaiters(): void {
    const waiters = this.waiters;
    this.waiters = waiters.filter(({ seq }) => seq > this.position);
    for (const waiter of waiters) if (waiter.seq <= this.position) waiter.resolve();
  }

  private fail(error: Error): void {
    const { name } = this.projection;
    this.context.logger.error(
      { stage: 'project', projection: name, chain: this.chain, error: error.message },
      'a view failed and tries again',
    );
    this.context.metrics?.projectFailures.inc({ view: name });
    this.failure = error;
    this.client?.release(true);
    this.client = undefined;
    this.feed.pause();
    this.rejectWaiters(new UnavailableError(`the view ${name} is not available now: ask again`));
  }

  private rejectWaiters(error: Error): void {
    for (const waiter of this.waiters.splice(0)) waiter.reject(error);
  }

  get error(): Error | undefined {
    return this.stopping ? undefined : this.failure;
  }
}
