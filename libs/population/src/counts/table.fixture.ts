import { type Grid } from './boxes.js';
import { type Disclosure } from './protect.js';
import { type PatientClass, type Region } from './patient-classes.js';

/** A table of patients who fall into one cell each, with all its margins. */
export interface Table {
  counts: readonly number[];
  /** The cells that each cell and margin sums. */
  regions: readonly { cells: readonly number[] }[];
  disclosure: Omit<Disclosure, 'threshold'>;
}

/** @param counts the last dimension fastest. */
export function tableOf(sizes: readonly number[], counts: readonly number[]): Table {
  const masks = 1 << sizes.length;
  const regionOf = new Map<string, number>();
  const sums: { cells: number[] }[] = [];
  const regions: Region[] = [];
  const classes: PatientClass[] = [];
  const grid: Grid = {
    sizes,
    classAt: new Int32Array(counts.length).fill(-1),
    regionAt: new Int32Array(counts.length * masks),
  };
  counts.forEach((count, cell) => {
    const own: number[] = [];
    for (let mask = 0; mask < masks; mask++) {
      const key = placeOf(cell, sizes)
        .map((level, d) => (mask & (1 << d) ? '*' : level))
        .join();
      let region = regionOf.get(key);
      if (region === undefined) {
        const summed = key.split('*').length - 1;
        regionOf.set(key, (region = regions.push({ asked: false, cost: 8 ** summed, hidden: false }) - 1));
        sums.push({ cells: [] });
      }
      sums[region].cells.push(cell);
      grid.regionAt[cell * masks + mask] = region;
      own.push(region);
    }
    if (count === 0) return;
    grid.classAt[cell] = classes.length;
    classes.push({ count, regions: own.sort((a, b) => a - b), kind: 'movable' });
  });
  return { counts, regions: sums, disclosure: { regions, classes, grid } };
}

function placeOf(cell: number, sizes: readonly number[]): number[] {
  const place: number[] = [];
  for (let d = sizes.length - 1, rest = cell; d >= 0; d--) {
    place[d] = rest % sizes[d];
    rest = Math.floor(rest / sizes[d]);
  }
  return place;
}
