import { createHmac } from 'node:crypto';
import { derivedUuid } from '@chartledger/platform';
import { type Pair, type RecordName } from '../persons/person-entries.js';

/**
 * Ids that are made from what they stand for, under the ledger's pseudonym key: the same decision made again has the same,
 * and nobody can guess from one what it was made from.
 */
export class DecisionIds {
  constructor(private readonly key: Buffer) {}

  /** Of a submission, by the fence that it moves on and what it stands on. */
  submission(fence: number, basis: string, what: string): string {
    return derivedUuid(this.digest('submission', String(fence), basis, what));
  }

  /** Of a person that is born: the time of its first record, so that ids grow with time, and the rest from the decision. */
  person(submission: string, first: RecordName, timeMs: number): string {
    const digest = this.digest('person', submission, first);
    digest.writeUIntBE(timeMs, 0, 6);
    return derivedUuid(digest, 7);
  }

  /** Of the Task for a pair: the same whenever it is asked for. */
  review([left, right]: Pair): string {
    return derivedUuid(this.digest('review', left, right));
  }

  private digest(...parts: string[]): Buffer {
    return createHmac('sha256', this.key)
      .update(`chartledger/persons/v1\0${parts.join('\0')}`)
      .digest();
  }
}
