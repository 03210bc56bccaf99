import { editDistance, MAX_LETTERS } from './edit-distance.js';
import { jaroWinkler, PREFIX_LENGTH, PREFIX_SCALE } from './jaro-winkler.js';
import { FACT, FACTS, type ValueArrays } from './values.js';

/** How alike two names are, best first; families know neither nickname nor initial. */
export const ALIKE = {
  missing: 0,
  exact: 1,
  typo: 2,
  nickname: 3,
  part: 4,
  initial: 5,
  similar: 6,
  differs: 7,
} as const;

/** Below it two names are not similar; set where chance agreement outweighs misspelling in names of one population. */
const SIMILAR = 0.88;
const CACHE_BITS = 16;

/** Compares values of a dictionary; remembers what it compared last, since the same names meet again and again. */
export class NameLevels {
  private readonly cacheA = new Int32Array(1 << CACHE_BITS);
  private readonly cacheB = new Int32Array(1 << CACHE_BITS);
  private readonly cacheLevel = new Uint8Array(1 << CACHE_BITS);

  constructor(public values: ValueArrays) {}

  /** The level of two names, one of `ALIKE`. */
  of(a: number, b: number): number {
    if (a === 0 || b === 0) return ALIKE.missing;
    if (a === b) return ALIKE.exact;
    const low = a < b ? a : b;
    const high = a < b ? b : a;
    const slot = (Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b)) >>> (32 - CACHE_BITS);
    if (this.cacheA[slot] === low && this.cacheB[slot] === high) return this.cacheLevel[slot];
    const level = this.compare(low * FACTS, high * FACTS);
    this.cacheA[slot] = low;
    this.cacheB[slot] = high;
    this.cacheLevel[slot] = level;
    return level;
  }

  /** Whether two texts are one but for a misspelling: at most `distance` edits, fewer in short texts. */
  near(a: number, b: number, distance: number): boolean {
    if (a === b) return true;
    const { facts, units } = this.values;
    const atA = a * FACTS;
    const atB = b * FACTS;
    const lengthA = facts[atA + FACT.length];
    const lengthB = facts[atB + FACT.length];
    const most = Math.min(distance, Math.min(lengthA, lengthB) >> 2);
    if (Math.abs(lengthA - lengthB) > most) return false;
    if (lettersApart(facts[atA + FACT.mask], facts[atB + FACT.mask]) > 2 * most) return false;
    if (facts[atA + FACT.hash] === facts[atB + FACT.hash] && facts[atA + FACT.hashHigh] === facts[atB + FACT.hashHigh])
      return true;
    return (
      most > 0 && editDistance(units, facts[atA + FACT.letters], lengthA, facts[atB + FACT.letters], lengthB) <= most
    );
  }

  private compare(a: number, b: number): number {
    const { facts, units } = this.values;
    if (facts[a + FACT.hash] === facts[b + FACT.hash] && facts[a + FACT.hashHigh] === facts[b + FACT.hashHigh])
      return ALIKE.exact;
    const lengthA = facts[a + FACT.length];
    const lengthB = facts[b + FACT.length];
    if (lengthA === 1 || lengthB === 1)
      return facts[a + FACT.initial] === facts[b + FACT.initial] ? ALIKE.initial : ALIKE.differs;
    const apart = lettersApart(facts[a + FACT.mask], facts[b + FACT.mask]);
    let distance = 99;
    if (Math.abs(lengthA - lengthB) <= 2 && apart <= 4) {
      distance = editDistance(units, facts[a + FACT.letters], lengthA, facts[b + FACT.letters], lengthB);
      if (distance === 1 && lengthA > 2 && lengthB > 2) return ALIKE.typo;
    }
    if (
      facts[a + FACT.formal] !== 0 &&
      facts[b + FACT.formal] !== 0 &&
      this.shareFormal(facts[a + FACT.formal], facts[b + FACT.formal])
    )
      return ALIKE.nickname;
    if (this.isShortFor(a, lengthA, b, lengthB)) return ALIKE.nickname;
    if (this.sharePart(a, b)) return ALIKE.part;
    if (distance === 2 && lengthA > 4 && lengthB > 4) return ALIKE.similar;
    if (facts[a + FACT.sound] === facts[b + FACT.sound]) return ALIKE.similar;
    const sameInitial = facts[a + FACT.initial] === facts[b + FACT.initial];
    if (mostSimilar(facts[a + FACT.mask], lengthA, facts[b + FACT.mask], lengthB, sameInitial) < SIMILAR)
      return ALIKE.differs;
    const similarity = jaroWinkler(units, facts[a + FACT.letters], lengthA, facts[b + FACT.letters], lengthB);
    return similarity >= SIMILAR ? ALIKE.similar : ALIKE.differs;
  }

  /** Jen for Jennifer: short forms that no table lists. */
  private isShortFor(a: number, lengthA: number, b: number, lengthB: number): boolean {
    const { facts, units } = this.values;
    const length = Math.min(lengthA, lengthB);
    if (length < 3 || facts[a + FACT.initial] !== facts[b + FACT.initial]) return false;
    const fromA = facts[a + FACT.letters];
    const fromB = facts[b + FACT.letters];
    for (let at = 1; at < length; at++) if (units[fromA + at] !== units[fromB + at]) return false;
    return true;
  }

  private shareFormal(a: number, b: number): boolean {
    const { formal } = this.values;
    let i = a + 1;
    let j = b + 1;
    const endA = i + formal[a];
    const endB = j + formal[b];
    while (i < endA && j < endB) {
      if (formal[i] === formal[j]) return true;
      if (formal[i] < formal[j]) i++;
      else j++;
    }
    return false;
  }

  private sharePart(a: number, b: number): boolean {
    const { facts } = this.values;
    if (facts[a + FACT.parts] === 0 && facts[b + FACT.parts] === 0) return false;
    for (let i = 0; i < 3; i++) {
      const partA = facts[a + FACT.parts] === 0 ? a / FACTS : facts[a + FACT.parts + i];
      if (partA === 0) break;
      for (let j = 0; j < 3; j++) {
        const partB = facts[b + FACT.parts] === 0 ? b / FACTS : facts[b + FACT.parts + j];
        if (partB === 0) break;
        if (partA === partB) return true;
      }
    }
    return false;
  }
}

/** Letters that occur in one text only: an edit takes away at most two. */
function lettersApart(maskA: number, maskB: number): number {
  return bitCount(maskA ^ maskB);
}

/**
 * The most that the Jaro–Winkler similarity of two texts can be, by which letters they have: a letter that is in one only
 * is not common, and without the same initial there is no prefix.
 */
export function mostSimilar(
  maskA: number,
  lengthA: number,
  maskB: number,
  lengthB: number,
  sameInitial: boolean,
): number {
  if (lengthA > MAX_LETTERS || lengthB > MAX_LETTERS) return 1;
  const common = Math.min(lengthA - bitCount(maskA & ~maskB), lengthB - bitCount(maskB & ~maskA));
  if (common <= 0) return 0;
  const jaro = (common / lengthA + common / lengthB + 1) / 3;
  return sameInitial ? jaro + PREFIX_LENGTH * PREFIX_SCALE * (1 - jaro) : jaro;
}

function bitCount(bits: number): number {
  bits -= (bits >>> 1) & 0x55555555;
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** More than an initial in common. */
export function isClose(alike: number): boolean {
  return alike !== ALIKE.missing && alike !== ALIKE.differs && alike !== ALIKE.initial;
}
