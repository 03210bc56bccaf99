import { type AcceptedEntry } from './chain-fold.js';

/** Kept for readers although the copy has them: some seconds of a busy chain. */
const KEEP_BYTES = 16 * 1024 * 1024;
/** More than this waits for the copy: no more is read of the topic until it has caught up. */
const MAX_UNCOPIED_BYTES = 48 * 1024 * 1024;

/**
 * The last entries of a chain, in memory: all that the copy does not have yet, and some that it has. So every entry is
 * either here or in the copy, and what was just appended is read without asking the database.
 */
export class RecentEntries {
  private entries: AcceptedEntry[] = [];
  private bytes = 0;
  private uncopiedBytes = 0;

  /** @param copiedSeq the last entry that the copy has; -1: none. */
  constructor(private copiedSeq: number) {}

  /** The first seq that is here; those before it are in the copy. */
  get firstSeq(): number {
    return this.entries.length > 0 ? this.entries[0].seq : this.copiedSeq + 1;
  }

  get hasRoom(): boolean {
    return this.uncopiedBytes <= MAX_UNCOPIED_BYTES;
  }

  push(entries: readonly AcceptedEntry[]): void {
    for (const entry of entries) {
      this.entries.push(entry);
      this.bytes += bytesOf(entry);
      if (entry.seq > this.copiedSeq) this.uncopiedBytes += bytesOf(entry);
    }
    this.shrink();
  }

  /** The copy has all entries up to this one. */
  copied(seq: number): void {
    for (const entry of this.slice(this.copiedSeq + 1, seq + 1)) this.uncopiedBytes -= bytesOf(entry);
    this.copiedSeq = Math.max(this.copiedSeq, seq);
    this.shrink();
  }

  /** The first entries that the copy has not: at most so many, of at most so many bytes, but one at least. */
  uncopied(maxEntries: number, maxBytes: number): AcceptedEntry[] {
    const next = this.slice(this.copiedSeq + 1, this.copiedSeq + 1 + maxEntries);
    let bytes = 0;
    const end = next.findIndex((entry, index) => (bytes += bytesOf(entry)) > maxBytes && index > 0);
    return end === -1 ? next : next.slice(0, end);
  }

  /** Those that are here of `from` (inclusive) to `to` (exclusive). */
  slice(from: number, to: number): AcceptedEntry[] {
    const first = this.firstSeq;
    return this.entries.slice(Math.max(0, from - first), Math.max(0, to - first));
  }

  at(seq: number): AcceptedEntry | undefined {
    return this.entries[seq - this.firstSeq];
  }

  private shrink(): void {
    let count = 0;
    while (this.bytes > KEEP_BYTES && count < this.entries.length && this.entries[count].seq <= this.copiedSeq) {
      this.bytes -= bytesOf(this.entries[count]);
      count += 1;
    }
    if (count > 0) this.entries = this.entries.slice(count);
  }
}

function bytesOf({ envelope, payload }: AcceptedEntry): number {
  return envelope.length + payload.length;
}
