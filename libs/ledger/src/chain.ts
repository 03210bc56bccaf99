import {
  encodeEnvelope,
  ENVELOPE_VERSION,
  MAX_ENVELOPE_BYTES,
  type Envelope,
  type EntryContext,
  type PayloadDigest,
} from './envelope.js';
import { sha256, ZERO_HASH } from './hash.js';
import { type Head, type LinkedEntry } from './ledger.port.js';

/** RFC 6962 section 2.1. */
const LEAF_PREFIX = 0;
/** A hundred envelopes. */
const SPACE_BYTES = 64 * 1024;

/** An entry that has everything but its place in the chain. */
export interface Draft {
  context: EntryContext;
  digest: PayloadDigest;
  payload: Buffer;
}

/** The head of a chain that has no entry yet. */
export function emptyHead(chain: number): Head {
  return { chain, seq: -1, leaf: ZERO_HASH, time: 0 };
}

/**
 * Gives each draft its place after `head`: seq without gaps, prev, and one time for the whole batch that is never
 * earlier than the head's.
 * @param now milliseconds since the epoch.
 */
export function link(head: Head, drafts: readonly Draft[], now: number): LinkedEntry[] {
  const { chain } = head;
  const timeMs = Math.max(now, head.time);
  const time = new Date(timeMs).toISOString();
  const space = new EnvelopeSpace();
  let { seq, leaf } = head;
  return drafts.map(({ context, digest, payload }) => {
    seq += 1;
    // Field by field: a spread costs as much as the hash.
    const fields: Envelope = {
      actor: context.actor,
      chain,
      kind: context.kind,
      part: context.part,
      parts: context.parts,
      payload: digest,
      prev: leaf.toString('hex'),
      record: context.record,
      seq,
      source: context.source,
      submission: context.submission,
      time,
      type: context.type,
      v: ENVELOPE_VERSION,
      version: context.version,
    };
    const { envelope, hashed } = space.write(encodeEnvelope(fields));
    if (envelope.length > MAX_ENVELOPE_BYTES) {
      throw new RangeError(`an envelope of ${envelope.length} bytes exceeds ${MAX_ENVELOPE_BYTES}`);
    }
    leaf = sha256(hashed);
    return { chain, seq, envelope, payload, leaf, fields, time: timeMs };
  });
}

/** Envelopes of a batch side by side, each after the zero byte that its leaf hash begins with: nothing is copied to hash. */
class EnvelopeSpace {
  private buffer = Buffer.alloc(0);
  private used = 0;

  write(text: string): { envelope: Buffer; hashed: Buffer } {
    const most = 1 + text.length * 3;
    if (this.buffer.length - this.used < most) {
      this.buffer = Buffer.allocUnsafeSlow(Math.max(most, SPACE_BYTES));
      this.used = 0;
    }
    const start = this.used;
    this.buffer[start] = LEAF_PREFIX;
    this.used = start + 1 + this.buffer.write(text, start + 1, 'utf8');
    return { envelope: this.buffer.subarray(start + 1, this.used), hashed: this.buffer.subarray(start, this.used) };
  }
}

/** The head after `entries`, which MUST follow `head` without a gap. */
export function headAfter(head: Head, entries: readonly LinkedEntry[]): Head {
  const last = entries.at(-1);
  return last ? { chain: head.chain, seq: last.seq, leaf: last.leaf, time: last.time } : head;
}

/**
 * Whether a candidate is the next entry after `head`. The one rule by which every reader of a log without conditional
 * writes tells entries from rejects: same chain, the next seq, prev equal to the head's leaf hash, time not earlier.
 */
export function extendsHead(head: Head, candidate: Envelope): boolean {
  return (
    candidate.chain === head.chain &&
    candidate.seq === head.seq + 1 &&
    candidate.prev === head.leaf.toString('hex') &&
    Date.parse(candidate.time) >= head.time
  );
}
