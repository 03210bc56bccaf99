import { type ProjectedEntry } from './projection.port.js';

/** Entries that may wait for a view before its sequencer is held back: some 50 MB of facts. */
const MAX_WAITING = 20_000;

/**
 * Hands entries that this process has just appended to a view of this process, so that they need not be read, decrypted
 * and parsed again. It may forget: what it does not have, the view reads from the ledger.
 */
export class EntryFeed {
  private waiting: ProjectedEntry[][] = [];
  private count = 0;
  private known = -1;
  private isPaused = false;
  private wake: (() => void) | undefined;
  private room: (() => void)[] = [];

  /** `entries` MUST be contiguous. */
  publish(entries: ProjectedEntry[]): void {
    if (entries.length === 0) return;
    if (!this.isPaused) {
      this.waiting.push(entries);
      this.count += entries.length;
    }
    this.announce(entries[entries.length - 1].seq);
  }

  /** The chain is known to reach `seq`, whoever wrote it. */
  announce(seq: number): void {
    this.known = Math.max(this.known, seq);
    this.wakeUp();
  }

  /** Lets the view look again, though nothing came. */
  wakeUp(): void {
    this.wake?.();
    this.wake = undefined;
  }

  /** The highest seq that was published or announced. */
  get head(): number {
    return this.known;
  }

  /** Up to `limit` entries (a whole publication at least) from exactly `next` on, or undefined when it does not have them. */
  take(next: number, limit: number): ProjectedEntry[] | undefined {
    while (this.waiting.length > 0 && this.waiting[0][this.waiting[0].length - 1].seq < next) this.drop();
    // The view may have been moved into the middle of a publication by another process.
    if (this.waiting.length > 0 && this.waiting[0][0].seq < next) {
      const cut = next - this.waiting[0][0].seq;
      this.waiting[0] = this.waiting[0].slice(cut);
      this.count -= cut;
    }
    if (this.waiting.length === 0 || this.waiting[0][0].seq !== next) return undefined;
    const batches = [this.drop()];
    let size = batches[0].length;
    let last = next + size - 1;
    while (this.waiting.length > 0 && this.waiting[0][0].seq === last + 1 && size + this.waiting[0].length <= limit) {
      const batch = this.drop();
      batches.push(batch);
      size += batch.length;
      last += batch.length;
    }
    return batches.length === 1 ? batches[0] : batches.flat();
  }

  /** The first seq that is waiting, if any. */
  get first(): number | undefined {
    return this.waiting[0]?.[0].seq;
  }

  /** Resolves when the chain reaches beyond `seq`, or at the next `wakeUp`. */
  async beyond(seq: number): Promise<void> {
    if (this.known > seq) return;
    await new Promise<void>((resolve) => (this.wake = resolve));
  }

  /** Resolves when few enough entries wait: what holds a fast sequencer back to the pace of its views. */
  async hasRoom(): Promise<void> {
    if (this.count < MAX_WAITING) return;
    await new Promise<void>((resolve) => this.room.push(resolve));
  }

  /** Keeps nothing until `resume`: a view that cannot write reads from the ledger when it can again. */
  pause(): void {
    this.isPaused = true;
    this.wakeUp();
    this.waiting = [];
    this.count = 0;
    this.releaseRoom();
  }

  resume(): void {
    this.isPaused = false;
  }

  private drop(): ProjectedEntry[] {
    const batch = this.waiting.shift()!;
    this.count -= batch.length;
    if (this.count < MAX_WAITING) this.releaseRoom();
    return batch;
  }

  private releaseRoom(): void {
    for (const resolve of this.room.splice(0)) resolve();
  }
}
