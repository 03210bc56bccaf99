import { headAfter, link, type Draft } from './chain.js';
import { type Head, type Ledger, type LinkedEntry } from './ledger.port.js';

/** A group ends when it has this many entries: one statement of some 5 MB. */
const MAX_GROUP_ENTRIES = 2_000;

interface Waiting {
  drafts: readonly Draft[];
  resolve: (entries: LinkedEntry[]) => void;
  reject: (error: Error) => void;
}

/** What is appended together. */
interface Group {
  members: readonly Waiting[];
  drafts: readonly Draft[];
  head: Head;
  entries: LinkedEntry[];
}

/** What became of a group. */
interface Written {
  /** Whether the chain ends as `head` said while the group was under way. */
  isAsExpected: boolean;
  answer: () => void;
}

/**
 * Appends drafts to one chain by group commit: what waits while a group becomes durable is the next group, and it is linked
 * meanwhile. Where another writer was faster it takes the new head and links again, so entries are appended in the order
 * of the calls, each once.
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
    let writing: Promise<Written> | undefined;
    while (this.queue.length > 0 || writing) {
      let group = this.queue.length > 0 ? this.link(this.takeGroup()) : undefined;
      const before = await writing;
      // The group before lost its race, or failed: what was linked to it is linked to what there is now.
      if (group && before && !before.isAsExpected) group = this.link(group.members);
      writing = group && this.write(group);
      // The store has its next group before the callers of the last one go on, and before what they send now is linked.
      before?.answer();
      if (writing) await new Promise(setImmediate);
    }
    // Nothing is awaited between the last look at the queue and this: a caller that comes later drains anew.
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

  private link(members: readonly Waiting[]): Group {
    const drafts = members.length === 1 ? members[0].drafts : members.flatMap((one) => one.drafts);
    const { head } = this;
    const entries = link(head, drafts, this.now());
    this.head = headAfter(head, entries);
    return { members, drafts, head, entries };
  }

  /** Never rejects: the callers are told by `answer`. */
  private async write({ members, drafts, head, entries }: Group): Promise<Written> {
    let isAsExpected = true;
    try {
      let at = head;
      let linked = entries;
      while (!(await this.ledger.append(at, linked))) {
        isAsExpected = false;
        at = await this.ledger.head(head.chain);
        linked = link(at, drafts, this.now());
        this.head = headAfter(at, linked);
      }
      const answer = (): void => {
        let from = 0;
        for (const { drafts: own, resolve } of members) resolve(linked.slice(from, (from += own.length)));
      };
      return { isAsExpected, answer };
    } catch (error) {
      await this.takeHead(head.chain);
      return { isAsExpected: false, answer: () => members.forEach(({ reject }) => reject(error as Error)) };
    }
  }

  /** A store that cannot say its head fails the appends that follow too, each with its own error. */
  private async takeHead(chain: number): Promise<void> {
    this.head = await this.ledger.head(chain).catch(() => this.head);
  }
}
