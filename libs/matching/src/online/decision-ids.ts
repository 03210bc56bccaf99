import { createHmac } from 'node:crypto';
import { type Pair, type RecordName } from '../persons/person-entries.js';

/**
 * Ids that are made from what they stand for, under the ledger's pseudonym key: the same decision made again has the same,
 * and nobody can guess from one what it was made from.
 */
export class DecisionIds {
  constructor(private readonly key: Buffer) {}

  /** Of a submission, by the fence that it moves on and what it stands on. */
  submission(fence: number, basis: string, what: string): string {
    return custom(this.digest('submission', String(fence), basis, what));
  }

  /** Of a person that is born: the time of its first record, so that ids grow with time, and the rest from the decision. */
  person(submission: string, first: RecordName, timeMs: number): string {
    const digest = this.digest('person', submission, first);
    digest.writeUIntBE(timeMs, 0, 6);
    return uuid(digest, 7);
  }

  /** Of the Task for a pair: the same whenever it is asked for. */
  review([left, right]: Pair): string {
    return custom(this.digest('review', left, right));
  }

  private digest(...parts: string[]): Buffer {
    return createHmac('sha256', this.key)
      .update(`chartledger/persons/v1\0${parts.join('\0')}`)
      .digest();
  }
}

const custom = (digest: Buffer): string => uuid(digest, 8);

/** RFC 9562: the version in the high bits of octet 6, the variant in those of octet 8. */
function uuid(bytes: Buffer, version: 7 | 8): string {
  bytes[6] = (bytes[6] & 0x0f) | (version << 4);
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = bytes.toString('hex', 0, 16);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
