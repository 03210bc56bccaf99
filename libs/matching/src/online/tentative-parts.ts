import { isTentative } from '../engine/grade.js';
import { DisjointSets } from './disjoint-sets.js';
import { type ComparedRecords, type Neighbourhood } from './neighbourhood.js';

/**
 * For each record of a neighbourhood the number of its part: the records of its person-to-be that it hangs together with by
 * links that are not tentative, or by a steward's word. A person-to-be of several parts is one that a steward is to look at.
 */
export function partsOf(index: ComparedRecords, { records, clusters, pairs, rulings }: Neighbourhood): number[] {
  const { table, model } = index;
  const { thresholds } = model;
  const parts = new DisjointSets(records.length);
  const clusterOf = new Map(clusters.flatMap((cluster, number) => cluster.map((place) => [place, number])));
  for (const { left, right, score } of pairs) {
    if (score < thresholds.link || clusterOf.get(left) !== clusterOf.get(right)) continue;
    if (parts.find(left) === parts.find(right)) continue;
    const { pattern } = table.pair(index.row(records[left])!, index.row(records[right])!);
    if (!isTentative(score, pattern, thresholds)) parts.join(left, right);
  }
  const placeOf = new Map(records.map((name, place) => [name, place]));
  for (const { kind, pair } of rulings) if (kind === 'must') parts.join(placeOf.get(pair[0])!, placeOf.get(pair[1])!);
  return records.map((_, place) => parts.find(place));
}
