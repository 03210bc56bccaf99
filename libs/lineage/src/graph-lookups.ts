import { type SubmissionNode } from './graph-node.js';
import { type LineageEntry } from './lineage-entry.js';
import { type PointerKind } from './lineage-tokens.js';

/** An entry of the records view: a version, or a confirmation of it. */
export interface VersionEntry {
  seq: number;
  version: number;
  /** FHIR instant. */
  time: string;
  isDeletion: boolean;
  isConfirmation: boolean;
}

export interface RecordName {
  source: string;
  type: string;
  id: string;
}

/** Which version of a record does the entry at `at`, of a submission that ends at `last`, mean? */
export interface VersionQuestion extends RecordName {
  at: number;
  last: number;
  version: number | undefined;
}

/** Which entries from `first` to `last` point to a record (`Type/id` or `Type/id/_history/n`) of the source? */
export interface PointerQuestion {
  kind: PointerKind;
  source: string;
  record: string;
  first: number;
  last: number;
}

/** A version that a submission made or, where `isConfirmation`, sent again; `at` is the submission's entry. */
export interface ContainedVersion extends RecordName, VersionEntry {
  question: number;
  at: number;
}

/**
 * What the walk asks of one chain as it stood at `position`. Answers are in the order that is said, always the same, and
 * hold nothing later than the position. `question` is the index of the question that a row answers.
 */
export interface ChainLookups {
  readonly chain: number;
  readonly position: number;

  /** The entries at `seqs`, in the order asked. */
  entries(seqs: readonly number[]): Promise<LineageEntry[]>;

  /** For each question the versions that `namedVersion` needs, by seq. */
  versionsMeant(questions: readonly VersionQuestion[]): Promise<VersionEntry[][]>;

  /** For each version the one before, itself and the one after, and up to `limit` confirmations of it, by seq. */
  versionsAround(versions: readonly (RecordName & { version: number })[], limit: number): Promise<VersionEntry[][]>;

  /** What each submission holds, by question and place, up to `limit` in all. */
  versionsIn(submissions: readonly SubmissionNode[], limit: number): Promise<ContainedVersion[]>;

  /** By question and seq, up to `limit` in all. */
  pointersTo(questions: readonly PointerQuestion[], limit: number): Promise<{ question: number; seq: number }[]>;

  /** The first entries of a client's submissions, oldest first, up to `limit`. */
  submissionsOf(client: string, limit: number): Promise<LineageEntry[]>;
}

/** The chains of the ledger as they stood at the position asked for. */
export interface GraphLookups {
  /** The chains that may be read, ascending: those on which clients' submissions are looked for. */
  readonly chains: readonly number[];

  /** Undefined for a source that there is not. */
  chainOf(source: string): Promise<number | undefined>;

  on(chain: number): Promise<ChainLookups>;
}
