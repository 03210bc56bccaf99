import { type Graph } from './graph.js';
import { nodeId, type RecordNode } from './graph-node.js';
import { type GraphLookups } from './graph-lookups.js';
import { stepUp, submissionOf } from './graph-steps.js';

/** The graph with the submission of every version in it, also where the walk did not come by. */
export async function withOrigins<Part extends Pick<Graph, 'nodes' | 'edges'>>(
  graph: Part,
  lookups: GraphLookups,
): Promise<Part> {
  const known = new Set(graph.nodes.map(nodeId));
  const contained = new Set(graph.edges.filter(({ kind }) => kind === 'contained').map(({ to }) => to));
  const missing = graph.nodes.filter(
    (node): node is RecordNode => node.kind === 'record' && !contained.has(nodeId(node)),
  );
  const nodes = [...graph.nodes];
  const edges = [...graph.edges];
  for (const chain of new Set(missing.map((node) => node.chain))) {
    const records = missing.filter((node) => node.chain === chain);
    const entries = await (await lookups.on(chain)).entries(records.map(({ seq }) => seq));
    records.forEach((record, index) => {
      const submission = submissionOf(chain, entries[index]);
      edges.push(stepUp('contained', submission, record, chain, record.seq).edge);
      if (known.has(nodeId(submission))) return;
      known.add(nodeId(submission));
      nodes.push(submission);
    });
  }
  return { ...graph, nodes, edges };
}
