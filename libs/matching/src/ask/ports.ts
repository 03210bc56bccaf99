import { type Positions } from '@chartledger/ledger';
import { type Actor } from '@chartledger/platform';
import { type Thresholds } from '../engine/model.js';
import { type PersonFields } from '../engine/person-fields.js';
import { type PatientKey } from '../persons/person-entries.js';

/*
 * What asking needs of the matcher, which may run in another process.
 */

/** Waits for the matcher, which follows the ledger. */
export interface MatchProgress {
  /** Resolves when the changes of a chain are matched up to `seq`. @throws UnavailableError when that does not come. */
  reached(chain: number, seq: number): Promise<void>;
}

/** A record that may be of the person who is described. */
export interface Candidate extends PatientKey {
  /** Of the version that was compared. */
  seq: number;
  /** Thousandths of a bit. */
  score: number;
}

/** Finds records among the current ones of all sources. */
export interface CandidateFinder {
  /**
   * The records at or above the model's review threshold, the best first. `positions`: up to where the changes of each
   * chain are among them.
   */
  find(
    actor: Actor,
    fields: PersonFields,
  ): Promise<{ candidates: Candidate[]; positions: Positions; thresholds: Thresholds }>;
}
