import { formatPosition, SYSTEM_SOURCE } from '@chartledger/ledger';
import { BadRequestError } from '@chartledger/platform';

/** Who sends: the `actor` of envelopes. */
export interface ClientNode {
  kind: 'client';
  client: string;
}

/** One request: `parts` entries of the chain from `first` on. */
export interface SubmissionNode {
  kind: 'submission';
  submission: string;
  client: string;
  chain: number;
  first: number;
  parts: number;
  /** FHIR instant. */
  time: string;
}

/** A version of a record, also one that is its deletion. */
export interface RecordNode {
  kind: 'record';
  source: string;
  type: string;
  id: string;
  version: number;
  chain: number;
  seq: number;
  /** FHIR instant. */
  time: string;
  isDeletion: boolean;
}

export type GraphNode = ClientNode | SubmissionNode | RecordNode;

/** What a node id names; a record without a version is the one that is current. */
export type NodeName =
  | { kind: 'client'; client: string }
  | { kind: 'submission'; submission: string }
  | { kind: 'record'; source: string; type: string; id: string; version: number | undefined };

export function nodeId(node: GraphNode): string {
  switch (node.kind) {
    case 'client':
      return `client:${node.client}`;
    case 'submission':
      return `submission:${node.submission}`;
    case 'record':
      if (ownName(node) === 'person') return `person:${node.id}/${node.version}`;
      if (ownName(node) === 'report') return `report:${node.id}`;
      return `record:${node.source}/${node.type}/${node.id}/${node.version}`;
  }
}

/** Versions of persons and reports are records', of the system's own source, and have names of their own. */
export function nodeKind(node: GraphNode): GraphNode['kind'] | OwnName {
  return ownName(node) ?? node.kind;
}

type OwnName = 'person' | 'report';

function ownName(node: GraphNode): OwnName | undefined {
  if (node.kind !== 'record' || node.source !== SYSTEM_SOURCE) return undefined;
  if (node.type === PERSON) return 'person';
  // A report never changes: what is asked anew is another one.
  return node.type === REPORT && node.version === 1 ? 'report' : undefined;
}

const PERSON = 'Person';
const REPORT = 'MeasureReport';

/** For people. Ids, types, numbers and clients only: no protected health information. */
export function nodeLabel(node: GraphNode): string {
  switch (node.kind) {
    case 'client':
      return node.client;
    case 'submission':
      return `submission of ${node.parts} ${node.parts === 1 ? 'record' : 'records'} by ${node.client}`;
    case 'record':
      if (ownName(node) === 'person') return `person ${node.id} version ${node.version}`;
      if (ownName(node) === 'report') return `report ${node.id}`;
      return `${node.type}/${node.id} version ${node.version}${node.isDeletion ? ' (deleted)' : ''} of ${node.source}`;
  }
}

/** Where the node stands in the ledger: a submission where it begins, a version at its entry; a client nowhere. */
export function nodePosition(node: GraphNode): string | null {
  if (node.kind === 'client') return null;
  return formatPosition(node.chain, node.kind === 'submission' ? node.first : node.seq);
}

export function nodeTime(node: GraphNode): string | null {
  return node.kind === 'client' ? null : node.time;
}

const RECORD = /^([a-z0-9-]{1,64})\/([A-Za-z]{1,64})\/([A-Za-z0-9.-]{1,64})(?:\/([1-9]\d{0,8}))?$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** Kinds of nodes that other parts of the system bring with them. */
const LATER = new Set(['view', 'export']);

/** @throws BadRequestError for a text that is no node id, or names a kind of node that this version does not keep. */
export function parseNodeId(text: string): NodeName {
  const colon = text.indexOf(':');
  const kind = text.slice(0, Math.max(colon, 0));
  const rest = text.slice(colon + 1);
  if (LATER.has(kind)) throw new BadRequestError(`lineage of a ${kind} is not kept in this version: ask for ${FORMS}`);
  if (kind === 'client' && rest !== '') return { kind, client: rest };
  if (kind === 'submission' && UUID.test(rest)) return { kind, submission: rest.toLowerCase() };
  const person = kind === 'person' && PERSON_VERSION.exec(rest);
  if (person) return recordName(SYSTEM_SOURCE, PERSON, person[1], person[2]);
  if (kind === 'report' && OWN_ID.test(rest)) return recordName(SYSTEM_SOURCE, REPORT, rest, '1');
  const record = kind === 'record' && RECORD.exec(rest);
  if (!record) throw new BadRequestError(`node must be ${FORMS}`);
  const [, source, type, id, version] = record;
  return recordName(source, type, id, version);
}

function recordName(source: string, type: string, id: string, version: string | undefined): NodeName {
  return { kind: 'record', source, type, id, version: version === undefined ? undefined : Number(version) };
}

const OWN_ID = /^[A-Za-z0-9.-]{1,64}$/;
const PERSON_VERSION = /^([A-Za-z0-9.-]{1,64})(?:\/([1-9]\d{0,8}))?$/;
const FORMS =
  'client:ID, submission:UUID, record:source/Type/id/version, person:ID/version, report:ID, or one of them without its version';
