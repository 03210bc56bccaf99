import { birthLevel } from './birth-levels.js';
import { CodesComparer } from './codes-comparer.js';
import { FAMILY, RADICES } from './comparisons.js';
import { ALIKE, isClose, NameLevels } from './name-levels.js';
import { NamesComparer } from './names-comparer.js';
import { PlaceComparer } from './place-comparer.js';
import { ROW, ROW_INTS, type TableArrays } from './record-table.js';

const MIDDLE_LEVEL = { missing: 0, exact: 1, initial: 2, differs: 3 } as const;

/**
 * Compares rows of a table, one pattern a pair: the one way of comparing, for a batch and for a single record. Symmetric
 * but for `termsOf`'s order of arguments, and a function of what the two records say alone.
 */
export class PairComparer {
  private readonly levels: NameLevels;
  private readonly names: NamesComparer;
  private readonly place: PlaceComparer;
  private readonly codes = new CodesComparer();
  private rows!: Int32Array;

  constructor(arrays: TableArrays) {
    this.levels = new NameLevels(arrays);
    this.names = new NamesComparer(this.levels);
    this.place = new PlaceComparer(this.levels);
    this.use(arrays);
  }

  /** The arrays of the same table after it grew. */
  use(arrays: TableArrays): void {
    this.levels.values = arrays;
    this.names.use(arrays);
    this.place.use(arrays);
    this.codes.use(arrays);
    this.rows = arrays.rows;
  }

  /** Of the pair compared last: what the frequency of its names and of its place is worth, thousandths of a bit. */
  get givenTerm(): number {
    return this.names.givenTerm;
  }

  get familyTerm(): number {
    return this.names.familyTerm;
  }

  get placeTerm(): number {
    return this.place.placeTerm;
  }

  /** The comparison pattern of two records. */
  compare(i: number, j: number): number {
    const { rows, names } = this;
    const a = i * ROW_INTS;
    const b = j * ROW_INTS;
    names.compare(a, b);
    const flags = rows[a + ROW.flags] & 3;
    const otherFlags = rows[b + ROW.flags] & 3;
    const sex = flags === 0 || otherFlags === 0 ? 0 : flags === otherFlags ? 1 : 2;
    return (
      names.given +
      RADICES[FAMILY] * names.family +
      RADICES[2] * birthLevel(rows[a + ROW.birth], rows[b + ROW.birth]) +
      RADICES[3] * this.codes.identifiers(a, b) +
      RADICES[4] * this.place.compare(a, b) +
      RADICES[5] * sex +
      RADICES[6] * this.codes.emails(a, b) +
      RADICES[7] * this.compareMiddle(a, b) +
      RADICES[8] * this.compareMothers(a, b)
    );
  }

  private compareMiddle(a: number, b: number): number {
    const { rows } = this;
    const x = rows[a + ROW.middle];
    const y = rows[b + ROW.middle];
    if (x === 0 || y === 0) return MIDDLE_LEVEL.missing;
    const level = this.levels.of(x, y);
    if (level === ALIKE.differs) return MIDDLE_LEVEL.differs;
    return level === ALIKE.initial || level === ALIKE.similar ? MIDDLE_LEVEL.initial : MIDDLE_LEVEL.exact;
  }

  private compareMothers(a: number, b: number): number {
    const { rows } = this;
    const family = this.levels.of(rows[a + ROW.mother], rows[b + ROW.mother]);
    const given = this.levels.of(rows[a + ROW.motherGiven], rows[b + ROW.motherGiven]);
    const agrees = isClose(family) || isClose(given);
    const differs = family === ALIKE.differs || given === ALIKE.differs;
    return agrees === differs ? 0 : agrees ? 1 : 2;
  }
}
