import { type RecordName } from '../persons/person-entries.js';

/** What a steward decides. Every decision has a reason, which is kept with it. */
export type StewardCommand = { reason: string } & (
  | {
      /** The record is of this person: with all the records that the person has now. */
      kind: 'link';
      person: string;
      record: RecordName;
    }
  | {
      /** The record is not of this person, whose it may be now: not of one person with any of the person's other records. */
      kind: 'unlink';
      person: string;
      record: RecordName;
    }
  | {
      /** The two are one person. The one that was born first keeps its id. */
      kind: 'merge';
      person: string;
      other: string;
    }
  | {
      /** These of the person's records are of another person. */
      kind: 'split';
      person: string;
      records: RecordName[];
    }
  | {
      /** Takes a decision back, whoever made it: the position of one of its entries, `0:812`. */
      kind: 'undo';
      decision: string;
    }
);

/** What became of it: where the decision stands, and the persons that it touched, as they are now. */
export interface StewardOutcome {
  /** `chain:seq` of the decision's last entry. */
  position: string;
  persons: {
    id: string;
    version: number;
    state: 'active' | 'absorbed' | 'empty';
    into?: string;
    members: RecordName[];
  }[];
}
