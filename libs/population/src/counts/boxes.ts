import { type PatientClass, type RegionGroup } from './patient-classes.js';
import { type Change, type Spread } from './spread.js';

/** The cells of one question, where each patient is in one of them. A cell's index counts the last dimension fastest. */
export interface Grid {
  /** Levels of each dimension. */
  sizes: readonly number[];
  /** The class in each cell; -1 where nobody is. */
  classAt: Int32Array;
  /** The region of a cell under a mask of dimensions that are summed: `regionAt[cell * 2^dimensions + mask]`. */
  regionAt: Int32Array;
}

/** Corners of a box, the one to protect first; a corner's place in the list has a bit for each dimension that differs. */
interface Box {
  cost: number;
  corners: readonly number[];
  /** Dimensions in which the corners differ. */
  differing: number;
}

/**
 * Protects hidden groups of a table by boxes: moving patients between the corners of a box, up at one, down at its
 * neighbours, leaves every sum over a dimension in which the corners differ as it is; the sums over the other dimensions
 * are hidden with it. After the hypercubes of GHMITER (Giessing, Repsilber, "Tools and strategies to protect multiple tables
 * with the GHQUAR cell suppression engine", 2002). Takes milliseconds where programs over three dimensions take seconds.
 */
export class Boxes {
  private readonly masks: number;
  private readonly strides: readonly number[];
  private readonly groupAt: Int32Array;
  /** By how much a cell may shrink; -1 where nobody is. */
  private readonly room: Float64Array;
  private readonly cost: Float64Array;

  constructor(
    private readonly grid: Grid,
    classes: readonly PatientClass[],
    private readonly groups: readonly RegionGroup[],
    private readonly threshold: number,
  ) {
    this.masks = 1 << grid.sizes.length;
    this.strides = grid.sizes.map((_, d) => grid.sizes.slice(d + 1).reduce((product, size) => product * size, 1));
    const groupOf = new Map(groups.flatMap((group, index) => group.regions.map((region) => [region, index])));
    this.groupAt = grid.regionAt.map((region) => groupOf.get(region) ?? -1);
    this.room = Float64Array.from(grid.classAt, (one) =>
      one >= 0 && classes[one].kind === 'movable' ? classes[one].count - 1 : -1,
    );
    this.cost = Float64Array.from(groups, (group) => (group.hidden ? 0 : group.fixed ? Infinity : group.cost));
  }

  /** Hides what it takes, and notes the worlds. The largest sums first, since what protects them protects cells as well. */
  protect(spread: Spread): void {
    for (const { group, cells, summed } of this.places()) {
      if (!this.groups[group].hidden || spread.width({ group }) >= this.threshold) continue;
      let best: Box = { cost: Infinity, corners: [], differing: 0 };
      for (const differing of subsets((this.masks - 1) & ~summed))
        for (const cell of cells) best = this.cheapest(cell, differing, best);
      if (best.corners.length > 0) this.apply(best, spread);
    }
  }

  /** Where the hidden groups are: their cells, and every dimension that one of their regions sums. */
  private places(): { group: number; cells: Set<number>; summed: number }[] {
    const places = new Map<number, { group: number; cells: Set<number>; summed: number }>();
    this.groupAt.forEach((group, at) => {
      if (group < 0 || !this.groups[group].hidden) return;
      const place = places.get(group) ?? { group, cells: new Set(), summed: 0 };
      place.cells.add(Math.floor(at / this.masks));
      place.summed |= at % this.masks;
      places.set(group, place);
    });
    return [...places.values()].sort(
      (a, b) => b.cells.size - a.cells.size || this.groups[b.group].count - this.groups[a.group].count,
    );
  }

  /** The cheapest box from `cell` on that differs in these dimensions, if it is cheaper than `best`. */
  private cheapest(cell: number, differing: number, best: Box): Box {
    const kept = subsets((this.masks - 1) & ~differing);
    const dimensions = this.grid.sizes.flatMap((_, d) => (differing & (1 << d) ? [d] : []));
    const corners = [cell];
    const extend = (depth: number, cost: number, up: number, down: number): void => {
      if (cost >= best.cost || up + down < this.threshold) return;
      if (depth === dimensions.length) {
        best = { cost, corners: [...corners], differing };
        return;
      }
      const d = dimensions[depth];
      const half = 1 << depth;
      const own = Math.floor(cell / this.strides[d]) % this.grid.sizes[d];
      for (let level = 0; level < this.grid.sizes[d]; level++) {
        if (level === own) continue;
        let sum = cost;
        const least = [up, down];
        for (let index = half; index < 2 * half && sum < best.cost; index++) {
          const corner = corners[index - half] + (level - own) * this.strides[d];
          corners[index] = corner;
          sum += this.room[corner] < 0 ? Infinity : this.costAt(corner, kept);
          const sign = isOdd(index) ? 0 : 1;
          least[sign] = Math.min(least[sign], this.room[corner]);
        }
        corners.length = 2 * half;
        extend(depth + 1, sum, least[0], least[1]);
        corners.length = half;
      }
    };
    if (this.room[cell] >= 0) extend(0, this.costAt(cell, kept), Infinity, this.room[cell]);
    return best;
  }

  private costAt(cell: number, masks: readonly number[]): number {
    return masks.reduce((sum, mask) => sum + this.cost[this.groupAt[cell * this.masks + mask]], 0);
  }

  private apply({ corners, differing }: Box, spread: Spread): void {
    for (const cell of corners)
      for (const mask of subsets((this.masks - 1) & ~differing)) {
        const group = this.groupAt[cell * this.masks + mask];
        this.groups[group].hidden = true;
        this.cost[group] = 0;
      }
    const room = (odd: boolean): number =>
      corners.reduce(
        (least, cell, index) => (isOdd(index) === odd ? Math.min(least, this.room[cell]) : least),
        this.threshold,
      );
    spread.add(this.change(corners, room(true)));
    spread.add(this.change(corners, -room(false)));
  }

  private change(corners: readonly number[], by: number): Change {
    return corners.map((cell, index) => ({ one: this.grid.classAt[cell], by: isOdd(index) ? -by : by }));
  }
}

/** Of the set bits. */
function isOdd(bits: number): boolean {
  let odd = false;
  for (let rest = bits; rest !== 0; rest &= rest - 1) odd = !odd;
  return odd;
}

/** Every mask within a mask, itself first and 0 last. */
function subsets(mask: number): number[] {
  const all = [mask];
  for (let rest = mask; rest !== 0;) all.push((rest = (rest - 1) & mask));
  return all;
}
