import { nodeId, nodeKind, nodeLabel, nodePosition, nodeTime, type GraphNode } from './graph-node.js';

/**
 * How data flows along an edge. `sent`: client to submission. `contained`: submission to the version that it made.
 * `confirmed`: submission to the version that it sent again unchanged. `revised`: version to the next one. `referenced`:
 * version to the version that refers to it. `provenance`: Provenance to the version that it targets. `basis`: version to
 * the decision of the system that stands on it, such as a version of the person that it is of. `evaluated`: version to the
 * report whose logic read it. `counted`: version of a person to the report that counts it.
 */
export type EdgeKind =
  'sent' | 'contained' | 'confirmed' | 'revised' | 'referenced' | 'provenance' | 'basis' | 'evaluated' | 'counted';

/** Points the way data flows. */
export interface GraphEdge {
  from: string;
  to: string;
  kind: EdgeKind;
  /** Of the entry that says so. */
  position: string;
}

/** Against the edges to what data came from, or along them to what came of it. */
export type Way = 'up' | 'down';

export interface Graph {
  /** Position per chain, ascending. */
  asOf: ReadonlyMap<number, number>;
  /** Nearest to the start first. */
  nodes: GraphNode[];
  edges: GraphEdge[];
  /** There is more within the depth asked for than the answer holds. */
  truncated: boolean;
}

/** The graph as `GET /lineage/graph` answers. */
export interface GraphAnswer {
  asOf: Record<string, number>;
  nodes: { id: string; kind: string; label: string; position: string | null; time: string | null }[];
  edges: GraphEdge[];
  truncated: boolean;
}

export function graphAnswer({ asOf, nodes, edges, truncated }: Graph): GraphAnswer {
  return {
    asOf: Object.fromEntries(asOf),
    nodes: nodes.map((node) => ({
      id: nodeId(node),
      kind: nodeKind(node),
      label: nodeLabel(node),
      position: nodePosition(node),
      time: nodeTime(node),
    })),
    edges,
    truncated,
  };
}
