import { formatPosition } from '@chartledger/ledger';
import { type EdgeKind } from './graph.js';
import { nodeId, type ClientNode, type GraphNode, type RecordNode, type SubmissionNode } from './graph-node.js';
import { type RecordName, type VersionEntry } from './graph-lookups.js';
import { type Step } from './graph-walk.js';
import { referrerOf, type LineageEntry } from './lineage-entry.js';

export function clientOf({ client }: { client: string }): ClientNode {
  return { kind: 'client', client };
}

/** The submission that an entry is part of. */
export function submissionOf(chain: number, entry: LineageEntry): SubmissionNode {
  const { submission, client, parts, time } = entry;
  return { kind: 'submission', submission, client, chain, first: referrerOf(entry).first, parts, time };
}

export function recordNode(chain: number, { source, type, id }: RecordName, entry: VersionAt): RecordNode {
  const { version, seq, time, isDeletion } = entry;
  return { kind: 'record', source, type, id, version, chain, seq, time, isDeletion };
}

type VersionAt = Pick<VersionEntry, 'version' | 'seq' | 'time' | 'isDeletion'>;

/** The step over an edge to the node that it comes from. */
export function stepUp(kind: EdgeKind, from: GraphNode, to: GraphNode, chain: number, seq: number): Step {
  return { edge: { from: nodeId(from), to: nodeId(to), kind, position: formatPosition(chain, seq) }, node: from };
}

/** The step over an edge to the node that it goes to. */
export function stepDown(kind: EdgeKind, from: GraphNode, to: GraphNode, chain: number, seq: number): Step {
  return { ...stepUp(kind, from, to, chain, seq), node: to };
}
