import { type ProjectedEntry } from '@chartledger/projection';

/**
 * What this process was told of the system's chain: where its entries come without a gap, nobody need ask the database
 * whether somebody else has decided.
 */
export class SystemWatch {
  /** It was told of every entry after `from`, up to `head`. */
  private from = Infinity;
  private head = -1;
  private fence = -1;

  tell(entries: readonly ProjectedEntry[]): void {
    for (const { seq, envelope } of entries) {
      if (seq !== this.head + 1 || this.from === Infinity) this.from = seq - 1;
      this.head = seq;
      if (envelope.kind === 'match.progress') this.fence = seq;
    }
  }

  /** Whether the last decision that it was told of is that at `fence`, and it was told of everything since. */
  isLast(fence: number): boolean {
    return this.from <= fence && this.fence <= fence;
  }
}
