import { type Graph, type GraphEdge, type Way } from './graph.js';
import { nodeId, type GraphNode } from './graph-node.js';

/** An edge that leaves one of the nodes asked about, and the node at its other end. */
export interface Step {
  edge: GraphEdge;
  node: GraphNode;
}

export interface Steps {
  steps: Step[];
  /** There are more than `limit` let through. */
  more: boolean;
}

/** The steps from nodes in one way. MUST give the same steps in the same order when it is asked again. */
export type Expand = (nodes: readonly GraphNode[], way: Way, limit: number) => Promise<Steps>;

export interface WalkOptions {
  ways: readonly Way[];
  /** Edges from the start. */
  depth: number;
  maxNodes: number;
}

/** Nodes of one question: enough that round trips do not count, few enough to stop soon after the answer is full. */
const NODES_AT_ONCE = 100;

/**
 * Breadth-first from `start`: up to all that it came from, down to all that came of it, and never up and then down again,
 * which would be everything. Pure but for `expand`. The answer is cut, and says so, where it would exceed `maxNodes`.
 */
export async function walk(
  start: GraphNode,
  { ways, depth, maxNodes }: WalkOptions,
  expand: Expand,
): Promise<Omit<Graph, 'asOf'>> {
  const found = new FoundGraph(start, maxNodes);
  const walks = ways.map((way) => ({ way, seen: new Set([nodeId(start)]), frontier: [start] }));
  for (let level = 0; level < depth; level++) {
    for (const walk of walks) {
      const { frontier, seen } = walk;
      walk.frontier = [];
      for (let at = 0; at < frontier.length && !found.truncated; at += NODES_AT_ONCE) {
        const { steps, more } = await expand(frontier.slice(at, at + NODES_AT_ONCE), walk.way, maxNodes);
        for (const step of steps) {
          const id = nodeId(step.node);
          if (!found.add(step) || seen.has(id)) continue;
          seen.add(id);
          walk.frontier.push(step.node);
        }
        if (more) found.truncated = true;
      }
    }
  }
  return { nodes: found.nodes, edges: found.edges, truncated: found.truncated };
}

/** Nodes and edges, each once. */
class FoundGraph {
  readonly nodes: GraphNode[];
  readonly edges: GraphEdge[] = [];
  truncated = false;
  private readonly nodeIds: Set<string>;
  private readonly edgeKeys = new Set<string>();

  constructor(
    start: GraphNode,
    private readonly maxNodes: number,
  ) {
    this.nodes = [start];
    this.nodeIds = new Set([nodeId(start)]);
  }

  /** False when there is no room for the node. */
  add({ edge, node }: Step): boolean {
    const id = nodeId(node);
    if (!this.nodeIds.has(id)) {
      if (this.nodes.length === this.maxNodes) {
        this.truncated = true;
        return false;
      }
      this.nodeIds.add(id);
      this.nodes.push(node);
    }
    const key = `${edge.kind} ${edge.from} ${edge.to}`;
    if (!this.edgeKeys.has(key)) {
      this.edgeKeys.add(key);
      this.edges.push(edge);
    }
    return true;
  }
}
