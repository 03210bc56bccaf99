import { type Random } from './random.js';

/** A table from which items are drawn in proportion to their weights. */
export class Weighted<T> {
  private readonly bounds: number[] = [];
  private readonly total: number;

  /** `weightOf` MUST be positive for each of the items, of which there is at least one. */
  constructor(
    readonly items: readonly T[],
    weightOf: (item: T, rank: number) => number,
  ) {
    let sum = 0;
    items.forEach((item, rank) => this.bounds.push((sum += weightOf(item, rank))));
    this.total = sum;
  }

  draw(random: Random): T {
    const mark = random.fraction() * this.total;
    let low = 0;
    let high = this.bounds.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (mark < this.bounds[middle]!) high = middle;
      else low = middle + 1;
    }
    return this.items[low]!;
  }
}

/** How far down a list of names the weight has halved; 15 gives the first surname some 2.5 % of the town. */
const HALF_WEIGHT_RANK = 15;

/** A list ordered from common to rare, with weights that fall off as those of names do (Zipf, flattened at the top). */
export function fallingOff<T>(items: readonly T[]): Weighted<T> {
  return new Weighted(items, (_item, rank) => 1 / (rank + HALF_WEIGHT_RANK));
}

/** Pairs of an item and its weight. */
export function byWeight<T>(pairs: readonly (readonly [T, number])[]): Weighted<T> {
  const weights = pairs.map(([, weight]) => weight);
  return new Weighted(
    pairs.map(([item]) => item),
    (_item, rank) => weights[rank]!,
  );
}
