import { type DecisionKind, type EntryKind } from '@chartledger/ledger';
import { type Actor, type FhirError } from '@chartledger/platform';
import { type Facts, type PayloadHeader } from '@chartledger/projection';
import { type Source } from '@chartledger/records';

/** A string in a change's text that may have to be rewritten: a link to another entry of the Bundle, or a search. */
export interface Link {
  /** Byte range of the JSON string literal in the change's text, quotes included. */
  start: number;
  length: number;
  value: string;
  /** Whether it is a Reference.reference, which must resolve; other URIs are rewritten only where they do. */
  mustResolve: boolean;
}

/** One change of one record, as a source asks for it. */
export interface Change {
  /** Index of the entry in the Bundle; undefined for a request that is no Bundle. */
  index: number | undefined;
  method: 'POST' | 'PUT' | 'DELETE';
  type: string;
  /** Given for PUT and DELETE. */
  id: string | undefined;
  url: string;
  fullUrl: string | undefined;
  /** The resource as it was received; empty for a DELETE. */
  text: Buffer;
  links: Link[];
  /** As read from the received text: references are not resolved yet. */
  facts: Facts;
  /** The reference by which the resource belongs to a patient, as it was sent. */
  patient: string | undefined;
  ifMatch: string | undefined;
  ifNoneMatch: string | undefined;
  ifNoneExist: string | undefined;
  findings: PayloadHeader['findings'];
  /** The entry's kind, for what the system decided: instead of one that says created or changed. */
  kind?: DecisionKind;
  /** What the decision stands on; kept in the payload's header. */
  decision?: object;
}

/** The names by which a change and its parts are called in errors. */
export function changeExpression(change: Change, element?: string): string {
  const entry = change.index === undefined ? '' : `Bundle.entry[${change.index}]`;
  return [entry, element].filter(Boolean).join('.') || change.type;
}

/** What one request asks for. */
export interface Submission {
  actor: Actor;
  source: Source;
  /** UUID, as it stands in the envelopes. */
  id: string;
  /** Whether the same submission may come again (its id was derived from an Idempotency-Key), and is then dropped. */
  repeatable: boolean;
  requestId: string;
  /** A transaction is all or nothing; the changes of a batch stand for themselves. */
  kind: 'single' | 'batch' | 'transaction';
  changes: Change[];
  /** The entry's kind, for what is no FHIR record. */
  entryKind?: EntryKind;
  /** The span of the request, W3C Trace Context: what sequences the submission goes on below it, in whichever process. */
  traceparent?: string;
}

/** What became of a change that was accepted. */
export interface Accepted {
  status: 200 | 201 | 204;
  type: string;
  id: string;
  version: number;
  /** FHIR instant: since when the version is what it is. A confirmation changes nothing of it. */
  lastModified: string;
  /** What the version was received as. Undefined where it has to be read: the change found a version of before. */
  received: { header: PayloadHeader; text: Buffer } | undefined;
}

export type ChangeResult = Accepted | FhirError;

/** The answer to a submission: one result for each change, in the order of the changes. */
export interface Outcome {
  results: ChangeResult[];
  /** The seq of its last entry, or of the chain's head where it added none. */
  seq: number;
  /** The submission had been accepted before. */
  repeated: boolean;
}
