import { type Head, type LinkedEntry } from '@chartledger/ledger';
import { UnavailableError } from '@chartledger/platform';
import { type AcceptedEntry } from './chain-fold.js';
import { recordBytes } from './topic-record.js';

/** A writer's view of one partition: what it can do there, and what it has read of it. */
export interface PartitionLog {
  /** The head of what was read so far. */
  readonly head: Head;

  /**
   * Puts the entries at the end of the log, all side by side or none. Resolves when the log answered or was given up. The
   * answer is not told, because it proves nothing: an acknowledged batch may be missing, a failed one may be there, and
   * may even come later. MUST NOT be called while another send is under way.
   */
  send(entries: readonly LinkedEntry[]): Promise<void>;

  /** Reads everything that the log held when this was called. @throws UnavailableError when it cannot be read. */
  sync(): Promise<void>;

  /** From now on `listener` is told of the entries that are read, in order, until the function returned is called. */
  watch(listener: (entries: readonly AcceptedEntry[]) => void): () => void;
}

export interface AppendLimits {
  /** The most bytes of one send (see `recordBytes`); a single entry may have more. */
  maxSendBytes: number;
  /** Milliseconds from the call to giving up. */
  deadlineMs: number;
  /** Milliseconds, only ever growing. */
  now: () => number;
}

/**
 * Compare-and-append on a log without conditional writes, as `Ledger.append` promises it: true only for entries that were
 * read back as entries, false only when none of them can ever become one, an error where neither is known.
 *
 * Every read goes through the same fence, so to send the same bytes again is always safe: the first copy that extends the
 * head is the entry, any other is a reject, whenever it arrives. And once another entry stands where these were to stand,
 * no copy of these will ever be taken.
 *
 * @throws UnavailableError when the outcome is unknown: the log could not be read, the deadline passed with nothing to be
 *   seen, or the entries needed several sends and another writer came between (the submission that was cut is void).
 */
export async function appendEntries(
  log: PartitionLog,
  head: Head,
  entries: readonly LinkedEntry[],
  limits: AppendLimits,
): Promise<boolean> {
  if (!isAt(log, head)) await log.sync();
  if (!isAt(log, head)) return false;
  const deadline = limits.now() + limits.deadlineMs;
  const place = new PlaceInChain(entries);
  const stopWatching = log.watch((accepted) => place.note(accepted));
  try {
    for (const end of sendEnds(entries, limits.maxSendBytes)) {
      while (place.taken < end) {
        await log.send(entries.slice(place.taken, end));
        await log.sync();
        if (place.lost && place.taken === 0) return false;
        if (place.lost) throw new UnavailableError(cutShort(head, place.taken, entries.length));
        if (place.taken < end && limits.now() > deadline) throw new UnavailableError(notSeen(head));
      }
    }
    return true;
  } finally {
    stopWatching();
  }
}

/** What became of entries that were sent, as far as the log was read. */
class PlaceInChain {
  /** How many of them, from the first on, are entries of the chain. */
  taken = 0;
  /** Whether another entry stands where one of them was to stand. */
  lost = false;

  constructor(private readonly entries: readonly LinkedEntry[]) {}

  note(accepted: readonly AcceptedEntry[]): void {
    for (const { seq, leaf } of accepted) {
      const own = this.entries[seq - (this.entries[0]?.seq ?? 0)];
      if (!own) continue;
      if (own.leaf.equals(leaf)) this.taken += 1;
      else this.lost = true;
    }
  }
}

/** Where each send ends, as counts of entries: as many as fit, at least one. */
export function sendEnds(entries: readonly LinkedEntry[], maxSendBytes: number): number[] {
  const ends: number[] = [];
  let bytes = 0;
  entries.forEach((entry, index) => {
    const size = recordBytes(entry);
    if (index > 0 && bytes + size > maxSendBytes) {
      ends.push(index);
      bytes = 0;
    }
    bytes += size;
  });
  if (entries.length > 0) ends.push(entries.length);
  return ends;
}

function isAt(log: PartitionLog, { seq, leaf }: Head): boolean {
  return log.head.seq === seq && log.head.leaf.equals(leaf);
}

function notSeen({ chain, seq }: Head): string {
  return `chain ${chain}: it is not known whether the entries after seq ${seq} were appended, the topic did not show them in time: read the head, then send again what is missing`;
}

function cutShort({ chain, seq }: Head, taken: number, count: number): string {
  return `chain ${chain}: another writer came between the ${count} entries after seq ${seq}, of which ${taken} were appended: read the head, then send again what is missing`;
}
