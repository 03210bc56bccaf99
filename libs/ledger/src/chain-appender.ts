import { headAfter, link, type Draft } from './chain.js';
import { type Head, type Ledger, type LinkedEntry } from './ledger.port.js';

/** A group ends when it has this many entries: one statement of some 5 MB. */
const MAX_GROUP_ENTRIES = 2_000;

interface Waiting {
  drafts: readonly Draft[];
  resolve: (entries: LinkedEntry[]) => void;
  reject: (error: Error) => void;
}

/**
 * Appends drafts to one chain by group commit: what waits while a group becomes durable is the next group. Where another
 * writer was faster it takes the new head and links again, so entries are appended in the order of the calls, each once.
 */
export class ChainAppender {
  private readonly queue: Waiting[] = [];
  private busy = false;

  private constructor(
    private readonly ledger: Ledger,
    private head: Head,
    private readonly now: () => number,
  ) {}

  /** @param now milliseconds since the epoch. */
  static async open(ledger: Ledger, chain: number, now: () => number): Promise<ChainAppender> {
    return new ChainAppender(ledger, await ledger.head(chain), now);
  }

  /**
   * Resolves to the entries once they are durable; those of one call are contiguous. Rejects when it is not known whether
   * they were appended.
   */
  append(drafts: readonly Draft[]): Promise<LinkedEntry[]> {
    return new Promise((resolve, reject) => {
      this.queue.push({ drafts, resolve, reject });
      if (!this.busy) void this.drain();
    });
  }

  private async drain(): Promise<void> {
    this.busy = true;
    while (this.queue.length > 0) await this.appendGroup(this.takeGroup());
    this.busy = false;
  }

  private takeGroup(): Waiting[] {
    let entries = 0;
    let count = 0;
    while (
      count < this.queue.length &&
      (count === 0 || entries + this.queue[count].drafts.length <= MAX_GROUP_ENTRIES)
    ) {
      entries += this.queue[count++].drafts.length;
    }
    return this.queue.splice(0, count);
  }

  private async appendGroup(group: readonly Waiting[]): Promise<void> {
    try {
      const drafts = group.length === 1 ? group[0].drafts : group.flatMap((one) => one.drafts);
      let entries = link(this.head, drafts, this.now());
      while (!(await this.ledger.append(this.head, entries))) {
        this.head = await this.ledger.head(this.head.chain);
        entries = link(this.head, drafts, this.now());
      }
      this.head = headAfter(this.head, entries);
      let from = 0;
      for (const { drafts: own, resolve } of group) resolve(entries.slice(from, (from += own.length)));
    } catch (error) {
      for (const { reject } of group) reject(error as Error);
      this.head = await this.ledger.head(this.head.chain);
    }
  }
}
