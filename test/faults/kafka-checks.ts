import { leafHash, readEnvelope, sha256, type StoredEntry } from '@chartledger/ledger';
import { type WriterRecord } from './kafka-record.js';

/** An entry as readers are compared by it. */
export interface ReadEntry {
  seq: number;
  /** The submission and the part, by which its writer knows it. */
  id: string;
  prev: string;
  leaf: string;
  payload: string;
}

const NOTHING_BEFORE = '0'.repeat(64);

export function readEntry({ seq, envelope, payload }: StoredEntry): ReadEntry {
  const { submission, part, prev } = readEnvelope(envelope);
  const leaf = leafHash(envelope).toString('hex');
  return { seq, id: entryId(submission, part), prev, leaf, payload: sha256(payload).toString('hex') };
}

export function entryId(submission: string, part: number): string {
  return `${submission}/${part}`;
}

/**
 * The first thing that is wrong with a chain in the eyes of those who wrote it: one that is acknowledged MUST be there
 * once, where its writer was told, any other that was sent at most once, and each MUST follow the one before it.
 */
export function chainFault(record: WriterRecord, chain: readonly ReadEntry[]): string | undefined {
  const at = new Map<string, number>();
  let before = NOTHING_BEFORE;
  for (const [place, entry] of chain.entries()) {
    if (entry.seq !== place) return `at ${place} stands an entry with seq ${entry.seq}`;
    if (entry.prev !== before) return `${place} does not follow the entry before it: a fork`;
    if (!record.wasSent(entry.id)) return `${place} (${entry.id}) was never sent`;
    const other = at.get(entry.id);
    if (other !== undefined) return `${entry.id} stands at ${other} and again at ${place}`;
    at.set(entry.id, place);
    before = entry.leaf;
  }
  for (const [id, seq] of record.acknowledged()) {
    const place = at.get(id);
    if (place === undefined) return `${id} was acknowledged at ${seq} and is nowhere`;
    if (place !== seq) return `${id} was acknowledged at ${seq} and stands at ${place}`;
  }
  return undefined;
}

/** The first difference between what two read. */
export function readingFault(
  expected: readonly ReadEntry[],
  actual: readonly ReadEntry[],
  name: string,
): string | undefined {
  for (let place = 0; place < Math.max(expected.length, actual.length); place += 1) {
    const [one, other] = [expected[place], actual[place]].map((entry) => (entry ? JSON.stringify(entry) : 'nothing'));
    if (one !== other) return `${name} has ${other} at ${place}, others have ${one}`;
  }
  return undefined;
}
