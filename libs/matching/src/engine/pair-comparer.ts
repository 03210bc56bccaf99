import { birthLevel } from './birth-levels.js';
import { FAMILY, PHONES, RADICES } from './comparisons.js';
import { editDistance } from './edit-distance.js';
import { ALIKE, NameLevels } from './name-levels.js';
import { EXTRA, ROW, ROW_INTS, type TableArrays } from './record-table.js';
import { FACT, FACTS } from './values.js';

const GIVEN_LEVEL = { swapped: 8, swappedSimilar: 9, halfSwapped: 10, middle: 11, middleInitial: 12 } as const;
/** ALIKE to a family's level: a nickname or an initial is no likeness of family names. */
const FAMILY_OF_ALIKE = [0, 1, 2, 4, 3, 5, 4, 5] as const;
/** Worth of levels among the names of one record: which two of several names are the ones that are compared. */
const GIVEN_WORTH = [3, 20, 14, 13, 12, 8, 6, 0, 24, 16, 9, 11, 4] as const;
const FAMILY_WORTH = [3, 20, 14, 12, 6, 0] as const;
const ADDRESS = { none: 0, home: 1, street: 2, numberAndStreet: 3, numberAndArea: 4, area: 5, other: 6 } as const;
const PHONE = { none: 0, same: 1, near: 2, other: 3 } as const;
const EMAIL_LEVEL = { missing: 0, exact: 1, mailbox: 2, similar: 3, differs: 4 } as const;
const ID_LEVEL = { missing: 0, exact: 1, near: 2, mixed: 3, differs: 4 } as const;
const MIDDLE_LEVEL = { missing: 0, exact: 1, initial: 2, differs: 3 } as const;

/**
 * Compares rows of a table, one pattern a pair: the one way of comparing, for a batch and for a single record. Symmetric
 * but for `termsOf`'s order of arguments, and a function of what the two records say alone.
 */
export class PairComparer {
  private readonly names: NameLevels;
  private rows!: Int32Array;
  private extras!: Int32Array;
  private facts!: Int32Array;
  private units!: Uint16Array;

  /** Of the pair compared last: what the frequency of its names and of its place is worth, thousandths of a bit. */
  givenTerm = 0;
  familyTerm = 0;
  placeTerm = 0;
  private given = 0;
  private family = 0;
  private address = 0;
  private worth = 0;

  constructor(arrays: TableArrays) {
    this.names = new NameLevels(arrays);
    this.use(arrays);
  }

  /** The arrays of the same table after it grew. */
  use(arrays: TableArrays): void {
    this.names.values = arrays;
    this.rows = arrays.rows;
    this.extras = arrays.extras;
    this.facts = arrays.facts;
    this.units = arrays.units;
  }

  /** The comparison pattern of two records. */
  compare(i: number, j: number): number {
    const { rows } = this;
    const a = i * ROW_INTS;
    const b = j * ROW_INTS;
    this.givenTerm = 0;
    this.familyTerm = 0;
    this.placeTerm = 0;
    this.compareNames(a, b);
    const flags = rows[a + ROW.flags] & 3;
    const otherFlags = rows[b + ROW.flags] & 3;
    const sex = flags === 0 || otherFlags === 0 ? 0 : flags === otherFlags ? 1 : 2;
    const place = this.comparePlace(a, b);
    return (
      this.given +
      RADICES[FAMILY] * this.family +
      RADICES[2] * birthLevel(rows[a + ROW.birth], rows[b + ROW.birth]) +
      RADICES[3] * this.compareIdentifiers(a, b) +
      RADICES[4] * place +
      RADICES[5] * sex +
      RADICES[6] * this.compareEmails(a, b) +
      RADICES[7] * this.compareMiddle(a, b) +
      RADICES[8] * this.compareMothers(a, b)
    );
  }

  private compareNames(a: number, b: number): void {
    const { rows } = this;
    this.worth = -1;
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
    const givenTerm = given === ALIKE.exact ? this.rarer(givenA, givenB, FACT.givenTerm) : 0;
    const familyTerm = family === ALIKE.exact ? this.rarer(familyA, familyB, FACT.familyTerm) : 0;
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

  /** The two are one text, perhaps with other parts: the same weight by construction. */
  private rarer(a: number, b: number, term: number): number {
    return Math.min(this.facts[a * FACTS + term], this.facts[b * FACTS + term]);
  }

  private comparePlace(a: number, b: number): number {
    const { rows } = this;
    this.address = -1;
    let phone: number = PHONE.none;
    if (rows[a + ROW.extras] === 0 && rows[b + ROW.extras] === 0) {
      this.compareAddress(rows, a + ROW.number, rows, b + ROW.number);
      phone = this.compareCodes(rows, a + ROW.phone, rows, b + ROW.phone);
    } else {
      const addressesA = this.list(a, 0);
      const addressesB = this.list(b, 0);
      for (const x of addressesA) for (const y of addressesB) this.compareAddress(x.ints, x.at, y.ints, y.at);
      for (const x of this.list(a, 1))
        for (const y of this.list(b, 1)) phone = better(phone, this.compareCodes(x.ints, x.at, y.ints, y.at));
    }
    return this.address * PHONES + phone;
  }

  /** Keeps the better of this pair of addresses and the pairs before. */
  private compareAddress(x: Int32Array, a: number, y: Int32Array, b: number): void {
    const number = this.sameOrMissing(x[a], y[b]);
    const street = x[a + 1] === 0 || y[b + 1] === 0 ? 0 : this.names.near(x[a + 1], y[b + 1], 2) ? 1 : -1;
    const suburb = x[a + 2] === 0 || y[b + 2] === 0 ? 0 : this.names.near(x[a + 2], y[b + 2], 2) ? 1 : -1;
    const postcode = this.sameOrMissing(x[a + 3], y[b + 3]);
    const sameArea = suburb > 0 || postcode > 0;
    const otherArea = !sameArea && (suburb < 0 || postcode < 0);
    let level: number = ADDRESS.other;
    if (number > 0 && street > 0) level = otherArea ? ADDRESS.numberAndStreet : ADDRESS.home;
    else if (street > 0 && sameArea) level = ADDRESS.street;
    else if (number > 0 && sameArea) level = ADDRESS.numberAndArea;
    else if (sameArea) level = ADDRESS.area;
    else if (!otherArea && street >= 0) level = street > 0 ? ADDRESS.area : ADDRESS.none;
    const best = this.address;
    if (best > ADDRESS.none && (level === ADDRESS.none || level > best)) return;
    const term =
      level === ADDRESS.area && suburb > 0
        ? this.rarer(x[a + 2], y[b + 2], FACT.placeTerm)
        : level >= ADDRESS.home && level <= ADDRESS.numberAndStreet
          ? this.rarer(x[a + 1], y[b + 1], FACT.streetTerm)
          : 0;
    this.placeTerm = level === best ? Math.max(term, this.placeTerm) : term;
    this.address = level;
  }

  /** 1 the same, −1 not, 0 where one is missing. */
  private sameOrMissing(a: number, b: number): number {
    return a === 0 || b === 0 ? 0 : a === b ? 1 : -1;
  }

  private compareCodes(x: Int32Array, a: number, y: Int32Array, b: number): number {
    if (x[a] === 0 || y[b] === 0) return PHONE.none;
    if (x[a] === y[b]) return PHONE.same;
    return this.codeDistance(x[a + 1], y[b + 1], 1) <= 1 ? PHONE.near : PHONE.other;
  }

  /** Edits between two codes; more than `most` where a look at them says so. */
  private codeDistance(a: number, b: number, most: number): number {
    const { units } = this;
    const lengthA = units[a];
    const lengthB = units[b];
    if (Math.abs(lengthA - lengthB) > most || lengthA < 5) return most + 1;
    if (lengthA === lengthB) {
      let apart = 0;
      for (let at = 1; at <= lengthA && apart <= 2 * most; at++) if (units[a + at] !== units[b + at]) apart++;
      if (apart <= 1) return apart;
      if (apart > 2 * most && units[a + 1] !== units[b + 1] && units[a + lengthA] !== units[b + lengthA])
        return most + 1;
    }
    return editDistance(units, a + 1, lengthA, b + 1, lengthB);
  }

  private compareIdentifiers(a: number, b: number): number {
    const { rows } = this;
    if (rows[a + ROW.id] === 0 || rows[b + ROW.id] === 0) return ID_LEVEL.missing;
    if (rows[a + ROW.extras] === 0 && rows[b + ROW.extras] === 0)
      return this.compareIdentifier(rows, a + ROW.idSystem, rows, b + ROW.idSystem);
    let best: number = ID_LEVEL.missing;
    let differs = false;
    for (const x of this.list(a, 3)) {
      for (const y of this.list(b, 3)) {
        const level = this.compareIdentifier(x.ints, x.at, y.ints, y.at);
        best = better(best, level);
        if (level === ID_LEVEL.differs) differs = true;
      }
    }
    return best === ID_LEVEL.exact && differs ? ID_LEVEL.mixed : best;
  }

  private compareIdentifier(x: Int32Array, a: number, y: Int32Array, b: number): number {
    if (x[a] !== y[b]) return ID_LEVEL.missing;
    if (x[a + 1] === y[b + 1]) return ID_LEVEL.exact;
    return this.codeDistance(x[a + 2], y[b + 2], 1) <= 1 ? ID_LEVEL.near : ID_LEVEL.differs;
  }

  private compareEmails(a: number, b: number): number {
    const { rows } = this;
    if (rows[a + ROW.email] === 0 || rows[b + ROW.email] === 0) return EMAIL_LEVEL.missing;
    if (rows[a + ROW.extras] === 0 && rows[b + ROW.extras] === 0)
      return this.compareEmail(rows, a + ROW.email, rows[a + ROW.mailbox], rows, b + ROW.email, rows[b + ROW.mailbox]);
    let best: number = EMAIL_LEVEL.missing;
    for (const x of this.list(a, 2))
      for (const y of this.list(b, 2))
        best = better(best, this.compareEmail(x.ints, x.at, x.third, y.ints, y.at, y.third));
    return best;
  }

  private compareEmail(x: Int32Array, a: number, mailboxA: number, y: Int32Array, b: number, mailboxB: number): number {
    if (x[a] === y[b]) return EMAIL_LEVEL.exact;
    if (mailboxA !== 0 && mailboxA === mailboxB) return EMAIL_LEVEL.mailbox;
    const atA = x[a + 1];
    const atB = y[b + 1];
    const lengthA = this.units[atA];
    const lengthB = this.units[atB];
    const most = Math.min(5, Math.min(lengthA, lengthB) >> 2);
    if (Math.abs(lengthA - lengthB) > most) return EMAIL_LEVEL.differs;
    return editDistance(this.units, atA + 1, lengthA, atB + 1, lengthB) <= most
      ? EMAIL_LEVEL.similar
      : EMAIL_LEVEL.differs;
  }

  private compareMiddle(a: number, b: number): number {
    const { rows } = this;
    const x = rows[a + ROW.middle];
    const y = rows[b + ROW.middle];
    if (x === 0 || y === 0) return MIDDLE_LEVEL.missing;
    const level = this.names.of(x, y);
    if (level === ALIKE.differs) return MIDDLE_LEVEL.differs;
    return level === ALIKE.initial || level === ALIKE.similar ? MIDDLE_LEVEL.initial : MIDDLE_LEVEL.exact;
  }

  private compareMothers(a: number, b: number): number {
    const { rows } = this;
    const family = this.names.of(rows[a + ROW.mother], rows[b + ROW.mother]);
    const given = this.names.of(rows[a + ROW.motherGiven], rows[b + ROW.motherGiven]);
    const agrees = isClose(family) || isClose(given);
    const differs = family === ALIKE.differs || given === ALIKE.differs;
    return agrees === differs ? 0 : agrees ? 1 : 2;
  }

  /** All addresses (0), phones (1), e-mails (2) or identifiers (3) of a row. */
  private list(row: number, kind: 0 | 1 | 2 | 3): { ints: Int32Array; at: number; third: number }[] {
    const { rows, extras } = this;
    const first = [ROW.number, ROW.phone, ROW.email, ROW.idSystem][kind];
    const items = [{ ints: rows, at: row + first, third: rows[row + ROW.mailbox] }];
    let at = rows[row + ROW.extras];
    if (at === 0) return items;
    at += 1 + extras[at] * EXTRA.name;
    const sizes = [EXTRA.address, EXTRA.code, EXTRA.email, EXTRA.identifier];
    for (let before = 0; before < kind; before++) at += 1 + extras[at] * sizes[before];
    const size = sizes[kind];
    for (let i = 0; i < extras[at]; i++)
      items.push({ ints: extras, at: at + 1 + i * size, third: extras[at + 1 + i * size + 2] });
    return items;
  }
}

function isClose(alike: number): boolean {
  return alike !== ALIKE.missing && alike !== ALIKE.differs && alike !== ALIKE.initial;
}

/** Of two levels the one that agrees more; 0 is missing, and any level says more than that. */
function better(a: number, b: number): number {
  return a === 0 ? b : b === 0 ? a : Math.min(a, b);
}
