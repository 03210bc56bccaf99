import { ALIKE, isClose, type NameLevels } from './name-levels.js';
import { EXTRA, ROW, type TableArrays } from './record-table.js';
import { FACT, FACTS } from './values.js';

const GIVEN_LEVEL = { swapped: 8, swappedSimilar: 9, halfSwapped: 10, middle: 11, middleInitial: 12 } as const;
/** ALIKE to a family's level: a nickname or an initial is no likeness of family names. */
const FAMILY_OF_ALIKE = [0, 1, 2, 4, 3, 5, 4, 5] as const;
/** Worth of levels among the names of one record: which two of several names are the ones that are compared. */
const GIVEN_WORTH = [3, 20, 14, 13, 12, 8, 6, 0, 24, 16, 9, 11, 4] as const;
const FAMILY_WORTH = [3, 20, 14, 12, 6, 0] as const;

/** Compares the names of two rows, given and family together, since they may stand in each other's place. */
export class NamesComparer {
  private rows!: Int32Array;
  private extras!: Int32Array;
  private facts!: Int32Array;

  /** Of the rows compared last: the levels, and what the frequency of the names is worth, thousandths of a bit. */
  given = 0;
  family = 0;
  givenTerm = 0;
  familyTerm = 0;
  private worth = 0;

  constructor(private readonly names: NameLevels) {}

  use({ rows, extras, facts }: TableArrays): void {
    this.rows = rows;
    this.extras = extras;
    this.facts = facts;
  }

  /** @param a where the first row begins, @param b the second */
  compare(a: number, b: number): void {
    const { rows } = this;
    this.worth = -1;
    this.givenTerm = 0;
    this.familyTerm = 0;
    this.compareName(rows, a, rows, b);
    if (rows[a + ROW.extras] === 0 && rows[b + ROW.extras] === 0) return;
    const countA = this.nameCount(a);
    const countB = this.nameCount(b);
    for (let i = 0; i < countA; i++) {
      for (let j = i === 0 ? 1 : 0; j < countB; j++) {
        this.compareName(
          i === 0 ? rows : this.extras,
          this.nameAt(a, i),
          j === 0 ? rows : this.extras,
          this.nameAt(b, j),
        );
      }
    }
  }

  private nameCount(row: number): number {
    const extras = this.rows[row + ROW.extras];
    return extras === 0 ? 1 : 1 + this.extras[extras];
  }

  private nameAt(row: number, index: number): number {
    return index === 0 ? row : this.rows[row + ROW.extras] + 1 + (index - 1) * EXTRA.name;
  }

  private compareName(x: Int32Array, a: number, y: Int32Array, b: number): void {
    const { names } = this;
    const givenA = x[a];
    const familyA = x[a + 1];
    const givenB = y[b];
    const familyB = y[b + 1];
    let given = names.of(givenA, givenB);
    const familyAlike = names.of(familyA, familyB);
    let family: number = FAMILY_OF_ALIKE[familyAlike];
    if (
      (given === ALIKE.differs || given === ALIKE.missing) &&
      (familyAlike === ALIKE.differs || familyAlike === ALIKE.missing)
    ) {
      const crossed = names.of(givenA, familyB);
      const back = names.of(familyA, givenB);
      if (crossed === ALIKE.exact && back === ALIKE.exact) {
        given = GIVEN_LEVEL.swapped;
        family = 0;
      } else if (isClose(crossed) && isClose(back)) {
        given = GIVEN_LEVEL.swappedSimilar;
        family = 0;
      } else if (crossed === ALIKE.exact || back === ALIKE.exact) {
        given = GIVEN_LEVEL.halfSwapped;
        family = 0;
      }
    }
    if (given === ALIKE.differs && (x[a + 2] !== 0 || y[b + 2] !== 0))
      given = this.compareMiddleToGiven(givenA, x[a + 2], givenB, y[b + 2]);
    const worth = GIVEN_WORTH[given] + FAMILY_WORTH[family];
    if (worth < this.worth) return;
    const { facts } = this;
    const givenTerm = given === ALIKE.exact ? rarer(facts, givenA, givenB, FACT.givenTerm) : 0;
    const familyTerm = family === ALIKE.exact ? rarer(facts, familyA, familyB, FACT.familyTerm) : 0;
    // Of equals the one with the smaller levels and terms, so that the order of a record's names does not count.
    if (worth === this.worth) {
      const order = given - this.given || givenTerm - this.givenTerm || familyTerm - this.familyTerm;
      if (order >= 0) return;
    }
    this.worth = worth;
    this.given = given;
    this.family = family;
    this.givenTerm = givenTerm;
    this.familyTerm = familyTerm;
  }

  /** Who goes by the middle name: the given name of one is the middle name of the other, or begins as its initial. */
  private compareMiddleToGiven(givenA: number, middleA: number, givenB: number, middleB: number): number {
    const there = this.names.of(givenA, middleB);
    const back = this.names.of(middleA, givenB);
    if (isClose(there) || isClose(back)) return GIVEN_LEVEL.middle;
    return there === ALIKE.initial || back === ALIKE.initial ? GIVEN_LEVEL.middleInitial : ALIKE.differs;
  }
}

/** What a frequency is worth of two values that are one text, perhaps with other parts: the same weight by construction. */
export function rarer(facts: Int32Array, a: number, b: number, term: number): number {
  return Math.min(facts[a * FACTS + term], facts[b * FACTS + term]);
}
