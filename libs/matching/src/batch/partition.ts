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

/** Pairs from a score up, each once: records of several names may have met in several blocks. */
export function atLeast({ a, b, score }: ScoredPairs, least: number): ScoredPairs {
  const seen = new Set<number>();
  const kept: number[] = [];
  for (let at = 0; at < score.length; at++) {
    if (score[at] < least) continue;
    const pair = a[at] * 2 ** 26 + b[at];
    if (seen.has(pair)) continue;
    seen.add(pair);
    kept.push(at);
  }
  return {
    a: Int32Array.from(kept, (at) => a[at]),
    b: Int32Array.from(kept, (at) => b[at]),
    score: Int32Array.from(kept, (at) => score[at]),
  };
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
  for (const component of components(records, pairs, thresholds.review)) {
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
export function components(records: number, pairs: ScoredPairs, least: number): number[][] {
  const found: number[][] = [];
  const parent = new Int32Array(records);
  let edges = Array.from(pairs.score.keys());
  for (let cut = least; edges.length > 0; cut += STEP) {
    edges = edges.filter((edge) => pairs.score[edge] >= cut);
    const groups = connected(edges, pairs, parent);
    const large = new Set<number>();
    for (const [root, members] of groups) {
      if (members.length > MOST_IN_COMPONENT) large.add(root);
      else found.push(members);
    }
    edges = large.size === 0 ? [] : edges.filter((edge) => large.has(rootOf(parent, pairs.a[edge])));
  }
  return found;
}

function connected(edges: readonly number[], { a, b }: ScoredPairs, parent: Int32Array): Map<number, number[]> {
  for (const edge of edges) {
    parent[a[edge]] = a[edge];
    parent[b[edge]] = b[edge];
  }
  for (const edge of edges) {
    const x = rootOf(parent, a[edge]);
    const y = rootOf(parent, b[edge]);
    if (x !== y) parent[Math.max(x, y)] = Math.min(x, y);
  }
  const groups = new Map<number, number[]>();
  const seen = new Set<number>();
  for (const edge of edges) {
    for (const end of [a[edge], b[edge]]) {
      if (seen.has(end)) continue;
      seen.add(end);
      const root = rootOf(parent, end);
      const group = groups.get(root);
      if (group) group.push(end);
      else groups.set(root, [end]);
    }
  }
  return groups;
}

function rootOf(parent: Int32Array, record: number): number {
  while (parent[record] !== record) {
    parent[record] = parent[parent[record]];
    record = parent[record];
  }
  return record;
}
