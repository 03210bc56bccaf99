import { type DuckDBConnection } from '@duckdb/node-api';
import { setTimeout as delay } from 'node:timers/promises';
import { SYSTEM_CHAIN, type Ledger, type Positions, type StoredEntry } from '@chartledger/ledger';
import { UnavailableError, type Logger } from '@chartledger/platform';
import { type EntryOpener } from '@chartledger/projection';
import { type PopulationStore } from '../store/population-store.js';
import { applyPersons } from '../store/person-links.js';
import { ChainFeed } from './chain-feed.js';
import { readGauges, type PopulationGauges } from './gauges.js';
import { type Lane } from './lane.js';
import { loadLanes, movePosition, refreshViews, swapIn, type Lanes } from './lanes.js';
import { recordEntries, typeOf, type RecordEntry } from './record-entry.js';
import { dropViews, registerView, type ViewRow } from './registered-view.js';
import { keepLibrary } from './libraries.js';
import { libraryChanges, personVersions, viewChanges } from './system-entries.js';
import { readStatus } from './read-status.js';
import { type PopulationStatus } from './status.js';

/** Entries of one transaction: large enough that a commit (one fsync) does not count. */
const MAX_BATCH = 8_192;
const OPENED_AT_ONCE = 512;
/** While nobody waits, so long for more entries, and so many are worth a transaction at once. */
const GATHER_MS = 20;
const ENOUGH_ENTRIES = 1_000;
/** Without work for so long, the log is folded into the file. */
const IDLE_MS = 2_000;
/** Between two tries when the ledger or the file fails. */
const RETRY_MS = 500;

/** Types of the system's own source that the projector acts on. */
const OWN_TYPES = ['Person', 'ViewDefinition', 'Library'];

export interface ProjectorContext {
  store: PopulationStore;
  ledger: Ledger;
  opener: EntryOpener;
  /** The chains of the ledger, 0 first. */
  chains: readonly number[];
  logger: Logger;
}

/**
 * Keeps the live views: every registered ViewDefinition, over every source. Rows and position move in one transaction, so
 * that a kill at any moment repeats nothing and leaves nothing out. A view that is new or was changed is filled from the
 * oldest entry on, beside those that are read, and takes its place when it has caught up.
 */
export class PopulationProjector {
  private lanes!: Lanes;
  private feeds: ChainFeed[] = [];
  private running: Promise<void> | undefined;
  /** The transaction of a lane that is under way. */
  private filling: Promise<unknown> = Promise.resolve();
  private stopping = false;
  private failure: Error | undefined;
  private waiters: { reached: () => boolean; resolve: () => void; reject: (error: Error) => void }[] = [];
  private wake: (() => void) | undefined;
  private hasMore = false;
  private isDirty = false;
  /** Until the ledger's head at the start is read, views are only registered: one that was changed often is filled once. */
  private registeredUntil = -1;
  /** To be done while nothing of a lane is under way. */
  private pauses: { work: () => Promise<void>; reject: (error: Error) => void }[] = [];
  private ahead: { lane: Lane; chain: number; from: number; entries: Promise<StoredEntry[]> } | undefined;

  constructor(private readonly context: ProjectorContext) {}

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
    this.rejectWaiters(new UnavailableError('the server is stopping: ask again'));
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
        await this.filling;
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
    this.ahead = undefined;
    this.filling = Promise.resolve();
    await this.followChains();
    this.settleWaiters();
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
    await this.filling.catch(() => undefined);
    await this.stopFeeds();
  }

  private async stepLive(): Promise<boolean> {
    let worked = false;
    this.hasMore = false;
    for (const feed of this.feeds) {
      const stored = feed.take(MAX_BATCH);
      if (stored.length === 0) continue;
      worked = true;
      await this.applyLive(feed.chain, stored);
      if (stored.length < ENOUGH_ENTRIES && this.waiters.length === 0 && !this.hasMore) await delay(GATHER_MS);
    }
    return worked;
  }

  private async applyLive(chain: number, stored: readonly StoredEntry[]): Promise<void> {
    const { store } = this.context;
    const { live } = this.lanes;
    const isSystem = chain === SYSTEM_CHAIN;
    const to = stored[stored.length - 1].seq;
    await this.take(live, chain, stored);
    const own = isSystem ? await this.ownEntries(stored) : [];
    const definitions = viewChanges(own);
    const write = live.handOver(chain);
    await store.write(async (connection) => {
      await write(connection);
      await applyPersons(connection, personVersions(own));
      for (const change of libraryChanges(own)) await keepLibrary(connection, change);
      for (const { id, version, seq, definition } of definitions) {
        if (definition === undefined) await dropViews(connection, id, 'all');
        else await registerView(connection, { id, version, registered: seq, definition, lane: this.openLane() });
      }
      await movePosition(connection, live.number, chain, to);
      if (definitions.length > 0) await refreshViews(connection, this.lanes);
    });
    live.positions.set(chain, to);
    this.isDirty = true;
    if (definitions.length > 0) await this.followChains();
    this.settleWaiters();
  }

  /** One transaction of the lane that is filled: it is committed while the next is made. */
  private async stepFill(): Promise<boolean> {
    const [lane] = this.lanes.filling;
    if (!lane || this.lanes.live.position(SYSTEM_CHAIN) < this.registeredUntil) return false;
    for (const chain of this.context.chains) {
      const target = await this.target(chain);
      if (lane.position(chain) < target) {
        await this.fillFrom(lane, chain, target);
        return true;
      }
    }
    await this.swap(lane);
    return true;
  }

  private async fillFrom(lane: Lane, chain: number, target: number): Promise<void> {
    const stored = await this.readAhead(lane, chain, target);
    const to = stored[stored.length - 1].seq;
    await this.take(lane, chain, stored);
    await this.filling;
    const write = lane.handOver(chain);
    this.filling = this.context.store.write(async (connection) => {
      await write(connection);
      await movePosition(connection, lane.number, chain, to);
    });
    // It is waited for before the next; until then its failure must not end the process.
    this.filling.catch(() => undefined);
    lane.positions.set(chain, to);
    this.isDirty = true;
  }

  private async swap(lane: Lane): Promise<void> {
    const { store } = this.context;
    await this.filling;
    await store.write(async (connection) => {
      await swapIn(connection, this.lanes, lane);
      await refreshViews(connection, this.lanes);
    });
    const { live } = this.lanes;
    live.index.putAll(lane.index);
    for (const [chain, seq] of lane.positions) live.positions.set(chain, seq);
    await this.followChains();
    this.settleWaiters();
  }

  /** How far a lane must come to be read: as far as the live one, or to the head where no live view reads the chain. */
  private async target(chain: number): Promise<number> {
    if (this.isFollowed(chain)) return this.lanes.live.position(chain);
    return (await this.context.ledger.head(chain)).seq;
  }

  /** Opens a part at a time: what is decrypted and parsed can be forgotten before the next. */
  private async take(lane: Lane, chain: number, stored: readonly StoredEntry[]): Promise<void> {
    const wanted = stored.filter(({ envelope }) => lane.reads(typeOf(envelope)));
    for (let from = 0; from < wanted.length; from += OPENED_AT_ONCE) {
      const opened = await this.context.opener.open(wanted.slice(from, from + OPENED_AT_ONCE));
      lane.take(chain, recordEntries(opened));
    }
  }

  /** What the projector itself acts on, whatever views there are. */
  private async ownEntries(stored: readonly StoredEntry[]): Promise<RecordEntry[]> {
    const own = stored.filter(({ envelope }) => OWN_TYPES.includes(typeOf(envelope)));
    return own.length === 0 ? [] : [...recordEntries(await this.context.opener.open(own))];
  }

  /** The next entries for a lane; those after them are asked for before they are needed. */
  private async readAhead(lane: Lane, chain: number, target: number): Promise<StoredEntry[]> {
    const from = lane.position(chain) + 1;
    const { ahead } = this;
    const entries =
      ahead?.lane === lane && ahead.chain === chain && ahead.from === from
        ? await ahead.entries
        : await this.read(chain, from, target);
    const next = from + entries.length;
    this.ahead = next <= target ? { lane, chain, from: next, entries: this.read(chain, next, target) } : undefined;
    this.ahead?.entries.catch(() => undefined);
    return entries;
  }

  private async read(chain: number, from: number, target: number): Promise<StoredEntry[]> {
    const entries: StoredEntry[] = [];
    const end = Math.min(from + MAX_BATCH, target + 1);
    for await (const batch of this.context.ledger.read(chain, from, end)) entries.push(...batch);
    return entries;
  }

  /** A chain of sources costs nothing while no view is kept. */
  private isFollowed(chain: number): boolean {
    return chain === SYSTEM_CHAIN || !this.lanes.live.isEmpty;
  }

  private async followChains(): Promise<void> {
    const { ledger, chains } = this.context;
    const { live } = this.lanes;
    const left = this.feeds.filter(({ chain }) => !this.isFollowed(chain));
    this.feeds = this.feeds.filter((feed) => !left.includes(feed));
    for (const feed of left) await feed.stop();
    for (const chain of chains) {
      if (!this.isFollowed(chain) || this.feeds.some((feed) => feed.chain === chain)) continue;
      this.feeds.push(new ChainFeed(ledger, chain, live.position(chain) + 1, () => this.wakeUp()));
    }
  }

  private async stopFeeds(): Promise<void> {
    await Promise.all(this.feeds.splice(0).map((feed) => feed.stop()));
  }

  /** The number of the lane for views that are registered now: one that was not begun yet, or another. */
  private openLane(): number {
    const last = this.lanes.filling.at(-1);
    if (!last) return 1;
    const isBegun = [...last.positions.values()].some((seq) => seq >= 0) || this.ahead?.lane === last;
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
    await new Promise<void>((resolve, reject) => {
      this.waiters.push({ reached, resolve, reject });
      this.wakeUp();
    });
  }

  private settleWaiters(): void {
    const waiters = this.waiters;
    this.waiters = [];
    for (const waiter of waiters) {
      if (waiter.reached()) waiter.resolve();
      else this.waiters.push(waiter);
    }
  }

  private rejectWaiters(error: Error): void {
    for (const waiter of this.waiters.splice(0)) waiter.reject(error);
  }

  private async fail(error: Error): Promise<void> {
    this.context.logger.error(
      { stage: 'project', projection: 'population', error: error.message },
      'the views for population health failed and try again',
    );
    this.failure = error;
    this.rejectWaiters(new UnavailableError('the views for population health are not available now: ask again'));
    await this.stopFeeds();
    await delay(RETRY_MS);
  }
}
