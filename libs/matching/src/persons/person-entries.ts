import { type Thresholds } from '../engine/model.js';

/*
 * What is said of persons on the system's chain. Each decision is one transaction of the system's source: versions of
 * `Person` (and of `Task` for pairs to review), each with what it stands on, and a version of `Basic/persons`, which every
 * decision moves on: it is the fence between those who decide at once, and says how far matching has come.
 */

/** A record of a source, as decisions name it: `st-mary/Patient/p1`. */
export type RecordName = string;

export interface PatientKey {
  source: string;
  /** The Patient's logical id in its source. */
  patient: string;
}

export function recordName({ source, patient }: PatientKey): RecordName {
  return `${source}/Patient/${patient}`;
}

/** @throws TypeError for what is no name of a Patient record. */
export function patientKey(name: RecordName): PatientKey {
  const [source, type, patient, ...rest] = name.split('/');
  if (type !== 'Patient' || !patient || rest.length > 0) throw new TypeError('the name is not source/Patient/id');
  return { source, patient };
}

/** Two records, the lesser name first. */
export type Pair = readonly [RecordName, RecordName];

export function pairOf(one: RecordName, other: RecordName): Pair {
  return one < other ? [one, other] : [other, one];
}

/** What a steward has ruled on two records: they are one person, or they are not. */
export interface Ruling {
  pair: Pair;
  kind: 'must' | 'cannot';
}

/** Two records that were compared. Indices point into `records` of the decision. */
export interface PairEvidence {
  left: number;
  right: number;
  /** The agreement pattern, as the model numbers them. */
  pattern: number;
  /** In the engine's fixed-point unit; the weights and the prior sum to it. */
  score: number;
  prior: number;
  /** For each comparison: field, level, weight. */
  weights: [field: string, level: string, weight: number][];
  /** A rule that stands above the score. */
  rule?: string;
}

/** What the model said of the neighbourhood of records that a decision is about. From it the decision is made again. */
export interface ModelEvidence {
  /** Version of the model, and the position of the entry that has it (none: the one that ships). */
  model: string;
  modelAt?: string;
  thresholds: Partial<Thresholds> & { link: number; review: number };
  /** The records that were looked at together, in order of their names, each with the position of the version. */
  records: { name: RecordName; position: string }[];
  /** How many records shared a blocking key with them, each counted when it was compared. */
  candidates: number;
  /** The pairs at or above the review threshold, the best first; at most MAX_PAIRS of them. */
  pairs: PairEvidence[];
  /** How many there were, where not all are listed. */
  pairsFound: number;
  /** The stewards' rulings that were in force among the records. */
  rulings: Ruling[];
  /** The partition: indices of `records`. */
  clusters: number[][];
}

export type StewardKind = 'link' | 'unlink' | 'merge' | 'split' | 'undo';

/** What a steward decided, and why. */
export interface StewardEvidence {
  kind: StewardKind;
  reason: string;
  /** For an undo: the position of the decision that is taken back. */
  undoes?: string;
}

/** The `decision` of an entry `person.link`, `person.unlink`, `person.merge` or `person.split`: a version of a Person. */
export interface PersonDecision {
  /** The positions that it stands on, one a chain: `0:812,1:46497`. */
  basis: string;
  /** What this version has that the one before had not, and the reverse. */
  added: RecordName[];
  removed: RecordName[];
  /** Where added records were before, and where removed ones went: ids of persons. */
  from: string[];
  to: string[];
  /** Present where the matcher decided. On the first entry of a neighbourhood's decision; the others name that part. */
  evidence?: ModelEvidence;
  evidenceAt?: number;
  /** Present where a steward decided. */
  steward?: StewardEvidence;
  /** On the first entry of a steward's decision: what is ruled from now on, and what is no more. */
  rule?: Ruling[];
  unrule?: Ruling[];
}

/** The `decision` of an entry `person.review`: a version of a Task. */
export interface ReviewDecision {
  basis: string;
  pair: Pair;
  /** Of the pair; absent where the Task is closed. */
  score?: number;
  /** As in `PersonDecision`. */
  evidence?: ModelEvidence;
  evidenceAt?: number;
  outcome?: 'linked' | 'distinct' | 'withdrawn';
  steward?: StewardEvidence;
}

/** Of a decision's pairs so many are kept: a neighbourhood of 400 records has 80,000. */
export const MAX_PAIRS = 200;

/** The record that every decision moves on. */
export const FENCE = { type: 'Basic', id: 'persons' } as const;

/** What its text says. */
export interface Progress {
  /** Patient changes up to here are matched, one a chain: `1:46497`. Empty: none. */
  matched: string;
  /** Position of the model that every record was matched under; absent for the one that ships. */
  model?: string;
  /**
   * While all records are matched anew under a model that was adopted: its position; of the records about which it decides
   * otherwise, how many are decided on and how many there are; and since when, an instant.
   */
  adopting?: { model: string; done: number; total: number; since: string };
  /** The submission: no two versions are the same. */
  submission: string;
}
