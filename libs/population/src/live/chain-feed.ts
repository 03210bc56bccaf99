import { type Ledger, type StoredEntry } from '@chartledger/ledger';

/** Entries that are held for the views of a chain: some 30 MB. */
const MAX_HELD = 10_000;

/** Reads a chain as it grows, a little ahead of who takes from it. */
export class ChainFeed {
  private held: StoredEntry[] = [];
  private room: (() => void) | undefined;
  private readonly ending = new AbortController();
  private readonly following: Promise<void>;
  private failure: Error | undefined;

  /** @param onMore called when there is something to take. */
  constructor(
    private readonly ledger: Ledger,
    readonly chain: number,
    from: number,
    private readonly onMore: () => void,
  ) {
    this.following = this.follow(from);
  }

  /** Up to `limit` entries that follow those that were taken before. @throws Error where the ledger cannot be read. */
  take(limit: number): StoredEntry[] {
    if (this.failure) throw this.failure;
    const taken = this.held.length <= limit ? this.held : this.held.slice(0, limit);
    this.held = this.held.length <= limit ? [] : this.held.slice(limit);
    if (this.held.length < MAX_HELD) this.makeRoom();
    return taken;
  }

  async stop(): Promise<void> {
    this.ending.abort();
    this.makeRoom();
    await this.following;
  }

  private async follow(from: number): Promise<void> {
    const { signal } = this.ending;
    try {
      for await (const batch of this.ledger.follow(this.chain, from, signal)) {
        this.held.push(...batch);
        this.onMore();
        if (this.held.length >= MAX_HELD && !signal.aborted)
          await new Promise<void>((resolve) => (this.room = resolve));
      }
    } catch (error) {
      if (signal.aborted) return;
      this.failure = error as Error;
      this.onMore();
    }
  }

  private makeRoom(): void {
    this.room?.();
    this.room = undefined;
  }
}
