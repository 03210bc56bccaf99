import { type Model } from './model.js';

export interface LinkDecisions {
  /** Pairs (as places in `ids`) that a person linked: together whatever the score. */
  must: readonly (readonly [number, number])[];
  /** Pairs that a person told apart: never in one cluster, unless `must` holds them together. */
  cannot: readonly (readonly [number, number])[];
}

/** A single comparison counts at most so much in an average: one sure agreement must not carry a stranger in. */
const MOST = 20_000;

/**
 * The partition of a connected neighbourhood by average linkage: the two clusters whose pairs score highest on average
 * are joined, as long as that average reaches `thresholds.link`. A function of the set alone: any order of `ids` gives
 * the same partition, since ties are broken by id.
 * @returns the clusters as places in `ids`, each ascending by id, ordered by first id
 */
export function clusters(
  ids: readonly string[],
  score: (i: number, j: number) => number,
  { must, cannot }: LinkDecisions,
  { thresholds }: Pick<Model, 'thresholds'>,
): number[][] {
  const order = ids.map((_, at) => at).sort((a, b) => (ids[a] < ids[b] ? -1 : ids[a] > ids[b] ? 1 : a - b));
  const place = new Array<number>(ids.length);
  order.forEach((at, rank) => (place[at] = rank));
  const linkage = new Linkage(order.length, (i, j) => score(order[Math.min(i, j)], order[Math.max(i, j)]));
  for (const [a, b] of cannot) linkage.keepApart(place[a], place[b]);
  for (const [a, b] of must) linkage.join(place[a], place[b]);
  linkage.joinAbove(thresholds.link);
  return linkage.members().map((members) => members.map((rank) => order[rank]));
}

/** Clusters are known by their first member; sums of scores between clusters are whole numbers, so order adds nothing. */
class Linkage {
  private readonly clusterOf: number[];
  private readonly groups = new Map<number, number[]>();
  private readonly sums: Float64Array;
  private readonly apart: Uint8Array;

  constructor(
    private readonly size: number,
    score: (i: number, j: number) => number,
  ) {
    this.clusterOf = Array.from({ length: size }, (_, at) => at);
    this.sums = new Float64Array(size * size);
    this.apart = new Uint8Array(size * size);
    for (let i = 0; i < size; i++) {
      this.groups.set(i, [i]);
      for (let j = i + 1; j < size; j++) this.set(this.sums, i, j, Math.max(-MOST, Math.min(MOST, score(i, j))));
    }
  }

  keepApart(i: number, j: number): void {
    this.set(this.apart, this.clusterOf[i], this.clusterOf[j], 1);
  }

  join(i: number, j: number): void {
    const a = Math.min(this.clusterOf[i], this.clusterOf[j]);
    const b = Math.max(this.clusterOf[i], this.clusterOf[j]);
    if (a === b) return;
    const moved = this.groups.get(b)!;
    this.groups.get(a)!.push(...moved);
    this.groups.delete(b);
    for (const member of moved) this.clusterOf[member] = a;
    for (const other of this.groups.keys()) {
      if (other === a) continue;
      this.set(this.sums, a, other, this.sums[a * this.size + other] + this.sums[b * this.size + other]);
      if (this.apart[b * this.size + other]) this.set(this.apart, a, other, 1);
    }
  }

  joinAbove(link: number): void {
    for (let best = this.best(link); best; best = this.best(link)) this.join(best[0], best[1]);
  }

  members(): number[][] {
    return [...this.groups.values()].map((members) => members.sort((a, b) => a - b));
  }

  private best(link: number): [number, number] | undefined {
    let found: [number, number] | undefined;
    let highest = -Infinity;
    const firsts = [...this.groups.keys()];
    for (let x = 0; x < firsts.length; x++) {
      for (let y = x + 1; y < firsts.length; y++) {
        const cell = firsts[x] * this.size + firsts[y];
        if (this.apart[cell]) continue;
        const average = this.sums[cell] / (this.groups.get(firsts[x])!.length * this.groups.get(firsts[y])!.length);
        if (average < link || average <= highest) continue;
        highest = average;
        found = [firsts[x], firsts[y]];
      }
    }
    return found;
  }

  private set(table: Float64Array | Uint8Array, i: number, j: number, value: number): void {
    table[i * this.size + j] = value;
    table[j * this.size + i] = value;
  }
}
