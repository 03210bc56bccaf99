import { type Grid } from './boxes.js';
import { CellSpace } from './cell-space.js';
import { type ClassKind, type PatientClass, type Region } from './patient-classes.js';
import { type AskedQuestion, type Label } from './question.js';

/** Patients with the same values in every question: a row for each combination of values that they have in one. */
export interface CountedPatients {
  count: number;
  /** The number of the question, the new one being 0, and the values of its dimensions. */
  rows: readonly { question: number; values: readonly Label[] }[];
}

/** The cells of a question among the regions of all questions. */
export interface CountedTable {
  named: readonly (readonly Label[])[];
  space: CellSpace;
  /** The number of its first region. */
  offset: number;
  /** Dimensions in which many patients have several values, so that a margin is less than the sum. */
  several: readonly boolean[];
}

export interface Counted {
  /** The new question and those asked before. */
  tables: readonly CountedTable[];
  regions: readonly Region[];
  classes: readonly PatientClass[];
  /** Where the new question stands alone. */
  grid: Grid | undefined;
}

/** From this part of the patients on, several values are what a dimension is like (diagnoses), and no contradiction (sexes). */
const SEVERAL_FROM = 0.1;
/** A margin costs as much to hide as so many cells, for each dimension that it sums. */
const MARGIN_COST = 8;
/** Classes that programs are made of: one over so many takes 100 ms. */
const MAX_CLASSES = 4_000;
/** Where there are more: the largest of each region are kept, so that each can still be moved. */
const KEPT_OF_REGION = 8;

/** Each patient's cells in every question, as classes over one list of regions. */
export function countClasses(
  named: readonly (readonly Label[])[],
  asked: readonly AskedQuestion[],
  patients: readonly CountedPatients[],
): Counted {
  const regions: Region[] = [];
  const addTable = (names: readonly (readonly Label[])[], number: number, hidden?: string): CountedTable => {
    const space = new CellSpace(names.map((values) => values.length + 1));
    const offset = regions.length;
    for (let region = 0; region < space.regions; region++)
      regions.push({
        asked: hidden !== undefined,
        cost: MARGIN_COST ** space.summed(region),
        hidden: hidden?.[region] === '1',
      });
    return { named: names, space, offset, several: severalIn(patients, number, names.length) };
  };
  const tables = [addTable(named, 0), ...asked.map((one, index) => addTable(one.named, index + 1, one.hidden))];
  const places = tables.map(placer);
  const classes = merged(patients.map((one) => toClass(one, tables, places)));
  return {
    tables,
    regions,
    classes: limited(classes),
    grid: asked.length === 0 ? gridOf(tables[0], classes) : undefined,
  };
}

function toClass(
  { count, rows }: CountedPatients,
  tables: readonly CountedTable[],
  places: readonly ((values: readonly Label[]) => number[])[],
): PatientClass {
  const regions = new Set<number>();
  const first = new Map<number, number[]>();
  let kind: ClassKind = 'movable';
  for (const { question, values } of rows) {
    const { space, offset, several } = tables[question];
    const place = places[question](values);
    for (const region of space.regionsOf(place)) regions.add(offset + region);
    const before = first.get(question);
    if (!before) first.set(question, place);
    else if (before.some((level, d) => level !== place[d] && !several[d])) kind = 'known';
    else if (kind === 'movable' && before.some((level, d) => level !== place[d])) kind = 'free';
  }
  return { count, regions: [...regions].sort((a, b) => a - b), kind };
}

/** The levels of a row: the last of a dimension is for every value that is not named. */
function placer({ named }: CountedTable): (values: readonly Label[]) => number[] {
  const levels = named.map((names) => new Map(names.map((name, level) => [name, level])));
  return (values) => values.map((value, d) => levels[d].get(value) ?? named[d].length);
}

function severalIn(patients: readonly CountedPatients[], question: number, dimensions: number): boolean[] {
  let all = 0;
  const several = new Array<number>(dimensions).fill(0);
  for (const { count, rows } of patients) {
    const own = rows.filter((row) => row.question === question);
    if (own.length > 0) all += count;
    if (own.length < 2) continue;
    several.forEach((_, d) => {
      if (own.some(({ values }) => values[d] !== own[0].values[d])) several[d] += count;
    });
  }
  return several.map((count) => count > SEVERAL_FROM * all);
}

/** Patients that differ only in values that are not named are one class. */
function merged(classes: readonly PatientClass[]): PatientClass[] {
  const merged = new Map<string, PatientClass>();
  for (const one of classes) {
    if (one.regions.length === 0) continue;
    const key = `${one.kind}:${one.regions.join()}`;
    const before = merged.get(key);
    if (before) before.count += one.count;
    else merged.set(key, { ...one });
  }
  return [...merged.values()];
}

/**
 * Where there are too many classes, the largest can be moved, and hidden regions are protected with them; classes by
 * themselves are not protected any more, but for what is told by subtracting one answer from another that holds it.
 */
function limited(classes: readonly PatientClass[]): PatientClass[] {
  if (classes.length <= MAX_CLASSES) return [...classes];
  const kept = new Set<PatientClass>();
  const keptOf = new Map<number, number>();
  for (const one of [...classes].sort((a, b) => b.count - a.count)) {
    const isNeeded = one.regions.some((region) => (keptOf.get(region) ?? 0) < KEPT_OF_REGION);
    if (one.kind === 'known' || (kept.size >= MAX_CLASSES && !isNeeded)) continue;
    kept.add(one);
    for (const region of one.regions) keptOf.set(region, (keptOf.get(region) ?? 0) + 1);
  }
  return classes.map((one) => ({ ...one, kind: kept.has(one) ? 'free' : 'fixed' }));
}

function gridOf({ space }: CountedTable, classes: readonly PatientClass[]): Grid {
  const sizes = space.sizes;
  const masks = 1 << sizes.length;
  const grid: Grid = {
    sizes,
    classAt: new Int32Array(space.cells).fill(-1),
    regionAt: new Int32Array(space.cells * masks),
  };
  const cellOf = new Map<number, number>();
  for (let cell = 0; cell < space.cells; cell++) {
    let rest = cell;
    const place = sizes.map(() => 0);
    for (let d = sizes.length - 1; d >= 0; d--) {
      place[d] = rest % sizes[d];
      rest = Math.floor(rest / sizes[d]);
    }
    space.regionsOf(place).forEach((region, mask) => (grid.regionAt[cell * masks + mask] = region));
    cellOf.set(space.region(place), cell);
  }
  classes.forEach((one, index) => {
    const cells = one.regions.flatMap((region) => cellOf.get(region) ?? []);
    if (cells.length === 1) grid.classAt[cells[0]] = index;
  });
  return grid;
}
