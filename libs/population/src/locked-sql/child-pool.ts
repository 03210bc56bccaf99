import { stat } from 'node:fs/promises';
import { NotFoundError, UnavailableError } from '@chartledger/platform';
import { type PoolOptions } from './limits.js';
import { LockedChild } from './locked-child.js';

/** A place for one process. Before its first query it belongs to no file. */
export interface Slot {
  child: Promise<LockedChild>;
  file?: string;
  /** Which file it was when it was opened: another may have taken its name. */
  stamp?: string;
  isBusy: boolean;
  /** Counts up with each use of any place. */
  usedAt: number;
}

interface Waiter {
  file: string;
  stamp: string;
  take(slot: Slot): void;
  refuse(error: Error): void;
}

/**
 * The processes for the SQL of users, started before they are needed. Each opens one file and keeps to it; one that is not to
 * be trusted any more is killed, and another started in its place.
 */
export class ChildPool {
  private readonly slots = new Set<Slot>();
  private waiting: Waiter[] = [];
  private isClosed = false;
  private uses = 0;

  constructor(
    private readonly options: PoolOptions,
    private readonly program: URL,
  ) {}

  /** Starts all processes, so that no query waits for a start. @throws as `LockedChild.start`. */
  async start(): Promise<void> {
    while (this.slots.size < this.options.children) this.addSlot();
    await Promise.all([...this.slots].map(({ child }) => child));
  }

  get pids(): Promise<(number | undefined)[]> {
    return Promise.all([...this.slots].map(async ({ child }) => (await child).pid));
  }

  /**
   * A place for a query on this file; MUST be released.
   *
   * @throws UnavailableError when too many wait, or none became free in time; NotFoundError when there is no such file; the
   * signal's reason when it is aborted meanwhile.
   */
  async acquire(file: string, seconds: number, signal?: AbortSignal): Promise<{ slot: Slot; child: LockedChild }> {
    const stamp = await stampOf(file);
    signal?.throwIfAborted();
    const slot = this.take(file, stamp) ?? (await this.wait(file, stamp, seconds, signal));
    try {
      return { slot, child: await slot.child };
    } catch (error) {
      this.slots.delete(slot);
      this.serve();
      throw error;
    }
  }

  release(slot: Slot, child: LockedChild, isReusable: boolean): void {
    slot.isBusy = false;
    if (isReusable && !this.isClosed && child.queries < this.options.queriesPerChild) {
      child.rest();
    } else {
      this.discard(slot);
      if (!this.isClosed) this.addSlot();
    }
    this.serve();
    if (!this.isClosed) this.keepSpare();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    for (const waiter of this.waiting) waiter.refuse(new UnavailableError('the server is stopping: ask again'));
    this.waiting = [];
    await Promise.all([...this.slots].map((slot) => this.discard(slot)));
  }

  private take(file: string, stamp: string): Slot | undefined {
    if (this.isClosed) throw new UnavailableError('the server is stopping: ask again');
    const slots = [...this.slots];
    for (const slot of slots) if (!slot.isBusy && slot.file === file && slot.stamp !== stamp) void this.discard(slot);
    if (slots.filter((slot) => slot.isBusy && slot.file === file).length >= this.options.childrenPerFile)
      return undefined;
    const idle = this.idle();
    const found = idle.find((slot) => slot.file === file) ?? idle.find((slot) => slot.file === undefined);
    if (!found && this.slots.size >= this.options.children) {
      if (idle.length === 0) return undefined;
      void this.discard(idle[0]);
    }
    const slot = Object.assign(found ?? this.addSlot(), { file, stamp, isBusy: true, usedAt: ++this.uses });
    this.keepSpare();
    return slot;
  }

  /** Those without a query, the one that was not used for longest first. */
  private idle(): Slot[] {
    return [...this.slots].filter(({ isBusy }) => !isBusy).sort((a, b) => a.usedAt - b.usedAt);
  }

  /** A file that was not asked before finds a process that is started, at the price of the one whose file is asked least. */
  private keepSpare(): void {
    const idle = this.idle();
    if (this.options.children < 2 || idle.some(({ file }) => file === undefined)) return;
    if (this.slots.size >= this.options.children) {
      if (idle.length === 0) return;
      void this.discard(idle[0]);
    }
    this.addSlot();
  }

  private async wait(file: string, stamp: string, seconds: number, signal?: AbortSignal): Promise<Slot> {
    if (this.waiting.length >= this.options.waiting)
      throw new UnavailableError(`${this.waiting.length} queries wait already: try again later`);
    return new Promise<Slot>((resolve, reject) => {
      const leave = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        this.waiting = this.waiting.filter((other) => other !== waiter);
      };
      const refuse = (error: Error): void => {
        leave();
        reject(error);
      };
      const abort = (): void => refuse(signal!.reason as Error);
      const timer = setTimeout(
        () => refuse(new UnavailableError(`no process became free within ${seconds} s: try again later`)),
        seconds * 1000,
      );
      const take = (slot: Slot): void => {
        leave();
        resolve(slot);
      };
      const waiter: Waiter = { file, stamp, take, refuse };
      signal?.addEventListener('abort', abort);
      this.waiting.push(waiter);
    });
  }

  /** Gives free places to those who wait, in their order, but none to a file that has its share. */
  private serve(): void {
    if (this.isClosed) return;
    for (const waiter of [...this.waiting]) {
      const slot = this.take(waiter.file, waiter.stamp);
      if (slot) waiter.take(slot);
    }
  }

  private addSlot(): Slot {
    const { memoryBytes, threads } = this.options;
    const child = LockedChild.start({ program: this.program, memoryBytes, threads });
    const slot: Slot = { child, isBusy: false, usedAt: 0 };
    this.slots.add(slot);
    // Of one that nobody waits for: whoever needs a process next tries to start one, and is told.
    child
      .then(({ ended }) => ended)
      .catch(() => undefined)
      .finally(() => slot.isBusy || this.slots.delete(slot));
    return slot;
  }

  private async discard(slot: Slot): Promise<void> {
    this.slots.delete(slot);
    try {
      const child = await slot.child;
      child.kill();
      await child.ended;
    } catch {
      return; // It never started.
    }
  }
}

/** @throws NotFoundError */
async function stampOf(file: string): Promise<string> {
  try {
    const { ino, mtimeMs, size } = await stat(file);
    return `${ino}:${mtimeMs}:${size}`;
  } catch {
    throw new NotFoundError(
      'the tables of this project are not there yet: register a view, and ask again when it is filled',
    );
  }
}
