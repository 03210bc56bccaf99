import { clusters } from '../engine/clusters.js';
import { type Thresholds } from '../engine/model.js';

/** Larger components are cut at a higher score until they fall apart: comparing all with all would cost its square. */
export const MOST_IN_COMPONENT = 400;
const STEP = 1000;

/** Pairs that hold records together: two records and a score each. */
export interface ScoredPairs {
  a: Int32Array;
  b: Int32Array;
  score: Int32Array;
}

/**
 * Clusters of all records: components of the pairs at or above `review`, each clustered by `clusters` with all pairs
 * inside scored.
 * @returns the number of each record's cluster: that of its first record
 */
export function partition(
  records: number,
  pairs: ScoredPairs,
  score: (i: number, j: number) => number,
  thresholds: Thresholds,
  idOf: (record: number) => string,
): Int32Array {
  const cluster = new Int32Array(records);
  for (let i = 0; i < records; i++) cluster[i] = i;
  for (const component of components(pairs, thresholds.review)) {
    const parts = clusters(
      component.map(idOf),
      (i, j) => score(component[i], component[j]),
      { must: [], cannot: [] },
      { thresholds },
    );
    for (const part of parts) {
      const members = part.map((at) => component[at]);
      const first = members.reduce((least, member) => Math.min(least, member));
      for (const member of members) cluster[member] = first;
    }
  }
  return cluster;
}

/** Records that pairs at or above `least` connect; each component of two or more, large ones split by higher scores. */
export function components(pairs: ScoredPairs, least: number): number[][] {
  const found: number[][] = [];
  let open = connected(
    Array.from(pairs.score, (_, at) => at),
    pairs,
    least,
  );
  for (let cut = least; open.length > 0; cut += STEP) {
    const large = open.filter(({ members }) => members.length > MOST_IN_COMPONENT);
    found.push(...open.filter(({ members }) => members.length <= MOST_IN_COMPONENT).map(({ members }) => members));
    open = large.flatMap(({ edges }) => connected(edges, pairs, cut + STEP));
  }
  return found;
}

function connected(
  edges: readonly number[],
  { a, b, score }: ScoredPairs,
  least: number,
): { members: number[]; edges: number[] }[] {
  const parent = new Map<number, number>();
  const root = (i: number): number => {
    let at = i;
    for (let up = parent.get(at); up !== undefined && up !== at; up = parent.get(at)) at = up;
    while (i !== at) {
      const up = parent.get(i)!;
      parent.set(i, at);
      i = up;
    }
    return at;
  };
  const held = edges.filter((edge) => score[edge] >= least);
  for (const edge of held) {
    for (const end of [a[edge], b[edge]]) if (!parent.has(end)) parent.set(end, end);
    const x = root(a[edge]);
    const y = root(b[edge]);
    if (x !== y) parent.set(Math.max(x, y), Math.min(x, y));
  }
  const groups = new Map<number, { members: number[]; edges: number[] }>();
  for (const i of parent.keys()) {
    const group = groups.get(root(i));
    if (group) group.members.push(i);
    else groups.set(root(i), { members: [i], edges: [] });
  }
  for (const edge of held) groups.get(root(a[edge]))!.edges.push(edge);
  return [...groups.values()];
}
