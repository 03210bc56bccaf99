import { type EdgeKind, type Graph } from './graph.js';
import { nodeId, nodePosition, type GraphNode, type RecordNode, type SubmissionNode } from './graph-node.js';

const SPEC = 'https://openlineage.io/spec/2-0-2/OpenLineage.json';
const VERSION_FACET =
  'https://openlineage.io/spec/facets/1-0-1/DatasetVersionDatasetFacet.json#/$defs/DatasetVersionDatasetFacet';
const PRODUCER = 'urn:chartledger';

interface Facet {
  _producer: string;
  _schemaURL: string;
  [name: string]: unknown;
}

/** A version of a record: the record is the dataset, its version a facet. */
export interface LineageDataset {
  namespace: string;
  name: string;
  facets: { version: Facet };
}

/** https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent */
export interface RunEvent {
  eventType: 'START' | 'COMPLETE';
  eventTime: string;
  producer: string;
  schemaURL: string;
  run: { runId: string; facets: Record<string, Facet> };
  job: { namespace: string; name: string };
  inputs: LineageDataset[];
  outputs: LineageDataset[];
}

/**
 * The graph as OpenLineage events: a submission is a run of its client's job, the versions that it made are its outputs,
 * and the versions of other submissions that these build on, and those that it confirmed, its inputs. Two events a run, as
 * the specification asks. Runs are only what the graph holds: complete it with the submissions of its versions first.
 */
export function toOpenLineage(graph: Graph): RunEvent[] {
  const nodes = new Map(graph.nodes.map((node) => [nodeId(node), node]));
  const made = gather(graph, ['contained'], 'from', 'to');
  const confirmed = gather(graph, ['confirmed'], 'from', 'to');
  const base = gather(graph, ['revised', 'referenced', 'provenance', 'basis', 'evaluated', 'counted'], 'to', 'from');
  return graph.nodes
    .filter((node) => node.kind === 'submission')
    .flatMap((submission) => {
      const outputs = new Set(made.get(nodeId(submission)));
      const inputs = new Set(confirmed.get(nodeId(submission)));
      for (const output of outputs) for (const input of base.get(output) ?? []) inputs.add(input);
      const others = [...inputs].filter((input) => !outputs.has(input));
      const event = eventOf(submission, datasets(nodes, others), datasets(nodes, [...outputs]));
      return [
        { eventType: 'START', ...event, outputs: [] },
        { eventType: 'COMPLETE', ...event },
      ] satisfies RunEvent[];
    });
}

/** For each node at one end of the edges of these kinds, the nodes at the other. */
function gather(
  { edges }: Graph,
  kinds: readonly EdgeKind[],
  by: 'from' | 'to',
  end: 'from' | 'to',
): ReadonlyMap<string, string[]> {
  const ends = new Map<string, string[]>();
  for (const edge of edges) {
    if (!kinds.includes(edge.kind)) continue;
    const known = ends.get(edge[by]);
    if (known) known.push(edge[end]);
    else ends.set(edge[by], [edge[end]]);
  }
  return ends;
}

function eventOf(
  submission: SubmissionNode,
  inputs: LineageDataset[],
  outputs: LineageDataset[],
): Omit<RunEvent, 'eventType'> {
  const ledger = { ...facet(`${SPEC}#/$defs/RunFacet`), position: nodePosition(submission), parts: submission.parts };
  return {
    eventTime: submission.time,
    producer: PRODUCER,
    schemaURL: `${SPEC}#/$defs/RunEvent`,
    run: { runId: submission.submission, facets: { chartledger_ledger: ledger } },
    job: { namespace: 'chartledger', name: `submissions of ${submission.client}` },
    inputs,
    outputs,
  };
}

function datasets(nodes: ReadonlyMap<string, GraphNode>, ids: readonly string[]): LineageDataset[] {
  return ids
    .map((id) => nodes.get(id))
    .filter((node): node is RecordNode => node?.kind === 'record')
    .map(({ source, type, id, version }) => ({
      namespace: `chartledger://${source}`,
      name: `${type}/${id}`,
      facets: { version: { ...facet(VERSION_FACET), datasetVersion: String(version) } },
    }));
}

function facet(schema: string): Facet {
  return { _producer: PRODUCER, _schemaURL: schema };
}
