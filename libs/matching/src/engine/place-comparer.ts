import { codeDistance } from './codes-comparer.js';
import { PHONES } from './comparisons.js';
import { type NameLevels } from './name-levels.js';
import { rarer } from './names-comparer.js';
import { ROW, type TableArrays } from './record-table.js';
import { better, listOf } from './row-lists.js';
import { FACT } from './values.js';

const ADDRESS = { none: 0, home: 1, street: 2, numberAndStreet: 3, numberAndArea: 4, area: 5, other: 6 } as const;
const PHONE = { none: 0, same: 1, near: 2, other: 3 } as const;

/** Compares addresses and phones of two rows: one level, since those of one household go together. */
export class PlaceComparer {
  private arrays!: TableArrays;

  /** Of the rows compared last: what the frequency of the place is worth, thousandths of a bit. */
  placeTerm = 0;
  private address = 0;

  constructor(private readonly names: NameLevels) {}

  use(arrays: TableArrays): void {
    this.arrays = arrays;
  }

  compare(a: number, b: number): number {
    const { rows } = this.arrays;
    this.placeTerm = 0;
    this.address = -1;
    let phone: number = PHONE.none;
    if (rows[a + ROW.extras] === 0 && rows[b + ROW.extras] === 0) {
      this.compareAddress(rows, a + ROW.number, rows, b + ROW.number);
      phone = this.comparePhones(rows, a + ROW.phone, rows, b + ROW.phone);
    } else {
      const addressesA = listOf(this.arrays, a, 0);
      const addressesB = listOf(this.arrays, b, 0);
      for (const x of addressesA) for (const y of addressesB) this.compareAddress(x.ints, x.at, y.ints, y.at);
      for (const x of listOf(this.arrays, a, 1))
        for (const y of listOf(this.arrays, b, 1))
          phone = better(phone, this.comparePhones(x.ints, x.at, y.ints, y.at));
    }
    return this.address * PHONES + phone;
  }

  /** Keeps the better of this pair of addresses and the pairs before. */
  private compareAddress(x: Int32Array, a: number, y: Int32Array, b: number): void {
    const number = sameOrMissing(x[a], y[b]);
    const street = x[a + 1] === 0 || y[b + 1] === 0 ? 0 : this.names.near(x[a + 1], y[b + 1], 2) ? 1 : -1;
    const suburb = x[a + 2] === 0 || y[b + 2] === 0 ? 0 : this.names.near(x[a + 2], y[b + 2], 2) ? 1 : -1;
    const postcode = sameOrMissing(x[a + 3], y[b + 3]);
    const sameArea = suburb > 0 || postcode > 0;
    const otherArea = !sameArea && (suburb < 0 || postcode < 0);
    let level: number = ADDRESS.other;
    if (number > 0 && street > 0) level = otherArea ? ADDRESS.numberAndStreet : ADDRESS.home;
    else if (street > 0 && sameArea) level = ADDRESS.street;
    else if (number > 0 && sameArea) level = ADDRESS.numberAndArea;
    else if (sameArea) level = ADDRESS.area;
    else if (!otherArea && street >= 0) level = street > 0 ? ADDRESS.area : ADDRESS.none;
    const { facts } = this.arrays;
    const best = this.address;
    if (best > ADDRESS.none && (level === ADDRESS.none || level > best)) return;
    const term =
      level === ADDRESS.area && suburb > 0
        ? rarer(facts, x[a + 2], y[b + 2], FACT.placeTerm)
        : level >= ADDRESS.home && level <= ADDRESS.numberAndStreet
          ? rarer(facts, x[a + 1], y[b + 1], FACT.streetTerm)
          : 0;
    this.placeTerm = level === best ? Math.max(term, this.placeTerm) : term;
    this.address = level;
  }

  private comparePhones(x: Int32Array, a: number, y: Int32Array, b: number): number {
    if (x[a] === 0 || y[b] === 0) return PHONE.none;
    if (x[a] === y[b]) return PHONE.same;
    return codeDistance(this.arrays.units, x[a + 1], y[b + 1], 1) <= 1 ? PHONE.near : PHONE.other;
  }
}

/** 1 the same, −1 not, 0 where one is missing. */
function sameOrMissing(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : a === b ? 1 : -1;
}
