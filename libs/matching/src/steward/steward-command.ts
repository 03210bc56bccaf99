import { BadRequestError } from '@chartledger/platform';
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

const NAME = /^[a-z0-9-]{1,64}\/Patient\/[A-Za-z0-9.-]{1,64}$/;
const ID = /^[A-Za-z0-9.-]{1,64}$/;
const MAX_REASON_CHARACTERS = 4_000;

/** Reads a decision as it was sent. @throws BadRequestError that names the field. */
export function readStewardCommand(sent: unknown): StewardCommand {
  if (typeof sent !== 'object' || sent === null || Array.isArray(sent)) {
    throw new BadRequestError('a decision is a JSON object with kind and reason');
  }
  const fields = sent as Record<string, unknown>;
  const field = (name: string, form: RegExp, example: string): string => {
    const value = fields[name];
    if (typeof value === 'string' && form.test(value)) return value;
    throw new BadRequestError(`${name} is missing or is none: it must be like ${example}`);
  };
  const { reason: said, kind } = fields;
  if (typeof said !== 'string' || said.trim() === '' || said.length > MAX_REASON_CHARACTERS) {
    throw new BadRequestError(`reason is missing: say in at most ${MAX_REASON_CHARACTERS} characters why`);
  }
  const reason = said.trim();
  const person = (): string => field('person', ID, 'the id of a Person');
  switch (kind) {
    case 'link':
    case 'unlink':
      return { kind, reason, person: person(), record: field('record', NAME, 'st-mary/Patient/p1') };
    case 'merge':
      return { kind, reason, person: person(), other: field('other', ID, 'the id of a Person') };
    case 'split': {
      const records = fields['records'];
      if (!Array.isArray(records) || !records.every((name) => typeof name === 'string' && NAME.test(name))) {
        throw new BadRequestError('records is missing or is none: it must be a list like ["st-mary/Patient/p1"]');
      }
      return { kind, reason, person: person(), records: records as RecordName[] };
    }
    case 'undo':
      return {
        kind,
        reason,
        decision: field('decision', /^0:\d{1,15}$/, '0:812, the position of an entry of a person'),
      };
    default:
      throw new BadRequestError('kind must be link, unlink, merge, split or undo');
  }
}
