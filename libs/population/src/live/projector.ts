import { type DuckDBConnection } from '@duckdb/node-api';
import { setTimeout as delay } from 'node:timers/promises';
import { SYSTEM_CHAIN, type Ledger, type Positions } from '@chartledger/ledger';
import { UnavailableError, type Logger } from '@chartledger/platform';
import { type EntryOpener } from '@chartledger/projection';
import { type PopulationStore } from '../store/population-store.js';
import { ChainFeeds } from './chain-feeds.js';
import { readGauges, type PopulationGauges } from './gauges.js';
import { LaneFill } from './lane-fill.js';
import { type Lane } from './lane.js';
import { loadLanes, refreshViews, swapIn, type Lanes } from './lanes.js';
import { LiveWriter } from './live-writer.js';
import { readStatus } from './read-status.js';
import { registerView, type ViewRow } from './registered-view.js';
import { LocalRows, type RowSource } from './row-source.js';
import { type PopulationStatus } from './status.js';
import { Waiters } from './waiters.js';

/** Entries of one transaction of the views that are read. */
const MAX_BATCH = 8_192;
/** While nobody waits, so long for more entries, and so many are worth a transaction at once. */
const GATHER_MS = 20;
const ENOUGH_ENTRIES = 1_000;
/** Half a second's work for this thread, which is as long as another one takes to start. */
const MANY_ENTRIES = 20_000;
/** Without work for so long, the log is folded into the file. */
const IDLE_MS = 2_000;
/** Between two tries when the ledger or the file fails. */
const RETRY_MS = 500;

export interface ProjectorContext {
  store: PopulationStore;
  ledger: Ledger;
  opener: EntryOpener;
  /** The chains of the ledger, 0 first. */
  chains: readonly number[];
  logger: Logger;
  /** Who makes the rows of views that are filled from many entries. Default: this thread. */
  fillRows?: RowSource;
  /** How many are many. Default: MANY_ENTRIES. */
  manyEntries?: number;
}

/**
 * Keeps the live views: every registered ViewDefinition, over every source. Rows and position move in one transaction, so
 * that a kill at any moment repeats nothing and leaves nothing out. A view that is new or was changed is filled from the
 * oldest entry on, beside those that are read, and takes its place when it has caught up.
 */
export class PopulationProjector {
  private lanes!: Lanes;
  private readonly feeds: ChainFeeds;
  private readonly writer: LiveWriter;
  private readonly fillRows: RowSource;
  /** Of the lane that is filled first. */
  private fill: LaneFill | undefined;
  private running: Promise<void> | undefined;
  private stopping = false;
  private failure: Error | undefined;
  private readonly waiters = new Waiters();
  private wake: (() => void) | undefined;
  private hasMore = false;
  private isDirty = false;
  /** Until the ledger's head at the start is read, views are only registered: one that was changed often is filled once. */
  private registeredUntil = -1;
  /** To be done while nothing of a lane is under way. */
  private pauses: { work: () => Promise<void>; reject: (error: Error) => void }[] = [];

  constructor(private readonly context: ProjectorContext) {
    const { ledger, store, opener, fillRows } = context;
    this.feeds = new ChainFeeds(ledger, () => this.wakeUp());
    this.writer = new LiveWriter(store, opener);
    this.fillRows = fillRows ?? new LocalRows(opener);
  }

  /** Resolves when it follows the ledger; what is waited for is said by `reached`. */
  async start(): Promise<void> {
    await this.load();
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopping = true;
    this.wakeUp();
    await this.running;
    for (const { reject } of this.pauses.splice(0)) reject(new UnavailableError('the server is stopping: ask again'));
    this.waiters.rejectAll(new UnavailableError('the server is stopping: ask again'));
  }

  /** Resolves when what is read includes the entry at each position. @throws UnavailableError. */
  async reached(positions: Positions): Promise<void> {
    await this.until(() =>
      [...positions].every(([chain, seq]) => !this.isFollowed(chain) || this.lanes.live.position(chain) >= seq),
    );
  }

  /** Resolves when no view is being filled. @throws UnavailableError. */
  async filled(): Promise<void> {
    await this.until(() => this.lanes.filling.length === 0);
  }

  /** Makes every view anew from the oldest entry, beside those that are read. */
  async rebuild(): Promise<void> {
    const { store } = this.context;
    const lane = this.openLane();
    const views = this.lanes.live.views.map(({ row }) => row);
    await store.write(async (connection) => {
      for (const row of views) await registerView(connection, { ...row, lane });
      await refreshViews(connection, this.lanes);
    });
    this.wakeUp();
  }

  /** Writes while no rows are under way that were made before. @throws what `work` does, UnavailableError. */
  async writeBetween(work: (connection: DuckDBConnection) => Promise<void>): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const write = async (): Promise<void> => {
        await this.fill?.written();
        // Rows that were made ahead may hold what is to go: they are made again.
        this.fill = undefined;
        await this.context.store.write(work);
        for (const { views } of [this.lanes.live, ...this.lanes.filling]) for (const view of views) view.changes += 1;
        this.isDirty = true;
      };
      this.pauses.push({ work: () => write().then(resolve, reject), reject });
      if (this.stopping) reject(new UnavailableError('the server is stopping: ask again'));
      this.wakeUp();
    });
  }

  async status(): Promise<PopulationStatus> {
    const status = await this.context.store.read((connection) => readStatus(connection, this.lanes));
    return this.failure ? { ...status, error: this.failure.message } : status;
  }

  async gauges(): Promise<PopulationGauges> {
    const { store, ledger, chains } = this.context;
    const heads = new Map<number, number>();
    for (const chain of chains) heads.set(chain, (await ledger.head(chain)).seq);
    const views = await store.read((connection) => readGauges(connection, this.lanes, heads));
    return this.failure ? { error: this.failure.message, views } : { views };
  }

  /** The views that are read. */
  get live(): Lanes['live']['views'] {
    return this.lanes.live.views;
  }

  get isFilling(): boolean {
    return this.lanes.filling.length > 0;
  }

  /** Registered views that cannot be read: yet, or at all. */
  get unready(): ViewRow[] {
    return [...this.lanes.filling.flatMap(({ views }) => views.map(({ row }) => row)), ...this.lanes.broken];
  }

  private async load(): Promise<void> {
    const { store, chains, ledger } = this.context;
    this.lanes = await store.write((connection) => loadLanes(connection, chains));
    this.registeredUntil = (await ledger.head(SYSTEM_CHAIN)).seq;
    this.fill = undefined;
    await this.followChains();
    this.waiters.settle();
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      try {
        if (this.failure) {
          await this.load();
          this.failure = undefined;
        }
        for (const { work } of this.pauses.splice(0)) await work();
        const hasApplied = await this.stepLive();
        const hasFilled = await this.stepFill();
        if (!hasApplied && !hasFilled) await this.rest();
      } catch (error) {
        await this.fail(error as Error);
      }
    }
    await this.fill?.written().catch(() => undefined);
    await this.fillRows.rest();
    await this.feeds.stop();
  }

  private async stepLive(): Promise<boolean> {
    let worked = false;
    this.hasMore = false;
    for (const feed of this.feeds) {
      const stored = feed.take(MAX_BATCH);
      if (stored.length === 0) continue;
      worked = true;
      const hasViews = await this.writer.apply(this.lanes, feed.chain, stored, () => this.openLane());
      this.isDirty = true;
      if (hasViews) await this.followChains();
      this.waiters.settle();
      if (stored.length < ENOUGH_ENTRIES && this.waiters.areNone && !this.hasMore) await delay(GATHER_MS);
    }
    return worked;
  }

  /** One transaction of the lane that is filled: it is committed while the next is made. */
  private async stepFill(): Promise<boolean> {
    const [lane] = this.lanes.filling;
    if (!lane || this.lanes.live.position(SYSTEM_CHAIN) < this.registeredUntil) return false;
    if (this.fill?.lane !== lane) this.fill = await this.openFill(lane);
    for (const chain of this.context.chains) {
      const target = await this.target(chain);
      if (lane.position(chain) >= target) continue;
      await this.fill.step(chain, target);
      this.isDirty = true;
      return true;
    }
    await this.swap(this.fill);
    return true;
  }

  private async openFill(lane: Lane): Promise<LaneFill> {
    let entries = 0;
    for (const chain of this.context.chains) entries += (await this.target(chain)) - lane.position(chain);
    const { ledger, store, opener } = this.context;
    const rows = entries < (this.context.manyEntries ?? MANY_ENTRIES) ? new LocalRows(opener) : this.fillRows;
    return new LaneFill(lane, { ledger, store, rows });
  }

  private async swap({ lane }: LaneFill): Promise<void> {
    await this.fill?.written();
    await this.context.store.write(async (connection) => {
      await swapIn(connection, this.lanes, lane);
      await refreshViews(connection, this.lanes);
    });
    const { live } = this.lanes;
    live.index.putAll(lane.index);
    for (const [chain, seq] of lane.positions) live.positions.set(chain, seq);
    this.fill = undefined;
    if (this.lanes.filling.length === 0) await this.fillRows.rest();
    await this.followChains();
    this.waiters.settle();
  }

  /** How far a lane must come to be read: as far as the live one, or to the head where no live view reads the chain. */
  private async target(chain: number): Promise<number> {
    if (this.isFollowed(chain)) return this.lanes.live.position(chain);
    return (await this.context.ledger.head(chain)).seq;
  }

  /** A chain of sources costs nothing while no view is kept. */
  private isFollowed(chain: number): boolean {
    return chain === SYSTEM_CHAIN || !this.lanes.live.isEmpty;
  }

  private async followChains(): Promise<void> {
    const { live } = this.lanes;
    const chains = this.context.chains.filter((chain) => this.isFollowed(chain));
    await this.feeds.follow(chains, (chain) => live.position(chain) + 1);
  }

  /** The number of the lane for views that are registered now: one that was not begun yet, or another. */
  private openLane(): number {
    const last = this.lanes.filling.at(-1);
    if (!last) return 1;
    const isBegun = [...last.positions.values()].some((seq) => seq >= 0) || this.fill?.lane === last;
    return isBegun ? last.number + 1 : last.number;
  }

  private wakeUp(): void {
    this.hasMore = true;
    this.wake?.();
    this.wake = undefined;
  }

  private async rest(): Promise<void> {
    if (this.hasMore || this.stopping) return;
    const woken = new Promise<void>((resolve) => (this.wake = resolve));
    if (this.isDirty) {
      const timer = setTimeout(() => void this.tidy(), IDLE_MS);
      await woken;
      clearTimeout(timer);
    } else {
      await woken;
    }
  }

  private async tidy(): Promise<void> {
    this.isDirty = false;
    // It waits for nobody: where a reader is in the way, the log is folded in the next time.
    await this.context.store.checkpoint().catch(() => (this.isDirty = true));
  }

  private async until(reached: () => boolean): Promise<void> {
    if (reached()) return;
    if (this.failure) throw new UnavailableError('the views for population health are not available now: ask again');
    const waiting = this.waiters.until(reached);
    this.wakeUp();
    await waiting;
  }

  private async fail(error: Error): Promise<void> {
    this.context.logger.error(
      { stage: 'project', projection: 'population', error: error.message },
      'the views for population health failed and try again',
    );
    this.failure = error;
    this.waiters.rejectAll(new UnavailableError('the views for population health are not available now: ask again'));
    await this.feeds.stop();
    await delay(RETRY_MS);
  }
}
