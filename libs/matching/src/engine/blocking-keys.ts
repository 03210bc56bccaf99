import { mix } from './content-hash.js';
import { LISTS, ROW, ROW_INTS, type TableArrays } from './record-table.js';
import { FACT, FACTS } from './values.js';

/** What a key can be made of, each an integer of a row; 0 where the record does not say it. */
const PART_NAMES = [
  'identifier',
  'identifierStart',
  'identifierEnd',
  'phone',
  'email',
  'mailbox',
  'year',
  /** Month and day in either order; where both are known. */
  'monthDay',
  'givenSound',
  'familySound',
  'givenInitial',
  'familyInitial',
  /** Given and family name by sound, in either order. */
  'bothSounds',
  'number',
  'streetSound',
  'suburbSound',
  'postcode',
] as const;
type PartName = (typeof PART_NAMES)[number];
export const PARTS = PART_NAMES.length;

/** Writes all parts of the row at `at` into `parts`, in the order of `PART_NAMES`. */
export function fillParts(row: Int32Array, at: number, facts: Int32Array, parts: Int32Array): void {
  const given = row[at + ROW.given] * FACTS;
  const family = row[at + ROW.family] * FACTS;
  const birth = row[at + ROW.birth];
  const rest = birth % 10_000;
  const day = rest % 100;
  const month = (rest - day) / 100;
  const givenSound = facts[given + FACT.sound];
  const familySound = facts[family + FACT.sound];
  parts[0] = row[at + ROW.id] === 0 ? 0 : mix(row[at + ROW.idSystem], row[at + ROW.id]) || 1;
  parts[1] = row[at + ROW.idStart];
  parts[2] = row[at + ROW.idEnd];
  parts[3] = row[at + ROW.phone];
  parts[4] = row[at + ROW.email];
  parts[5] = row[at + ROW.mailbox];
  parts[6] = (birth / 10_000) | 0;
  parts[7] = day === 0 ? 0 : month < day ? rest : day * 100 + month;
  parts[8] = givenSound;
  parts[9] = familySound;
  parts[10] = facts[given + FACT.initial];
  parts[11] = facts[family + FACT.initial];
  parts[12] =
    givenSound === 0 || familySound === 0
      ? 0
      : mix(Math.min(givenSound, familySound), Math.max(givenSound, familySound)) || 1;
  parts[13] = facts[row[at + ROW.number] * FACTS + FACT.hash];
  parts[14] = facts[row[at + ROW.street] * FACTS + FACT.sound];
  parts[15] = facts[row[at + ROW.suburb] * FACTS + FACT.sound];
  parts[16] = facts[row[at + ROW.postcode] * FACTS + FACT.hash];
}

/**
 * Records that agree in all parts of a rule are compared. A rule with `split` is always in use: a block over the cap is
 * split by the next part. One without is broad: it serves what is sparse or full of errors, where its pairs are few enough.
 */
export interface BlockingRule {
  readonly name: string;
  /** Numbers of parts. */
  readonly parts: readonly number[];
  readonly split: readonly number[];
  /** Records of a block beyond which it is split: less where the parts alone say little. */
  readonly cap: number;
}

/** A block of 100 is 5,000 pairs, of 1,000 half a million. */
const MOST_IN_BLOCK = 100;

const rule = (parts: readonly PartName[], split: readonly PartName[], cap = MOST_IN_BLOCK): BlockingRule => ({
  name: parts.join('+'),
  parts: parts.map((name) => PART_NAMES.indexOf(name)),
  split: split.map((name) => PART_NAMES.indexOf(name)),
  cap,
});
const broad = (...parts: PartName[]): BlockingRule => rule(parts, []);

/**
 * Chosen so that two records of one person meet by some rule though several fields are missing or wrong in them. In this
 * order: a pair is owned by the first rule that holds. A rule's number is part of its keys, so rules can be appended but
 * MUST NOT be changed under a model that uses them.
 */
export const BLOCKING_RULES: readonly BlockingRule[] = [
  rule(['identifier'], ['year', 'familySound']),
  rule(['email'], ['year', 'givenSound']),
  rule(['phone', 'givenSound'], ['year', 'familySound']),
  rule(['phone', 'familySound'], ['year', 'givenInitial']),
  rule(['year', 'monthDay', 'givenSound'], ['familyInitial', 'postcode']),
  rule(['year', 'monthDay', 'familySound'], ['givenInitial', 'postcode']),
  rule(['bothSounds', 'year'], ['monthDay', 'suburbSound']),
  rule(['number', 'streetSound', 'familySound'], ['postcode', 'year']),
  rule(['number', 'streetSound', 'year'], ['postcode', 'monthDay']),
  rule(['bothSounds', 'postcode'], ['number', 'year']),
  rule(['bothSounds', 'suburbSound'], ['number', 'year']),
  rule(['year', 'monthDay', 'postcode'], ['givenInitial', 'number']),
  rule(['year', 'monthDay', 'suburbSound'], ['givenInitial', 'number']),
  rule(['familySound', 'monthDay', 'givenInitial'], ['year', 'suburbSound']),
  rule(['givenSound', 'monthDay', 'familyInitial'], ['year', 'suburbSound']),
  rule(['mailbox'], ['year', 'givenSound']),
  rule(['number', 'streetSound', 'givenSound'], ['postcode', 'year']),
  rule(['year', 'familySound', 'suburbSound'], ['monthDay', 'number']),
  rule(['year', 'givenSound', 'suburbSound'], ['monthDay', 'number']),
  rule(['familySound', 'postcode', 'givenInitial'], ['number', 'year']),
  rule(['bothSounds', 'monthDay'], ['year', 'suburbSound'], 20),
  rule(['identifierStart', 'year', 'givenInitial'], ['monthDay', 'suburbSound'], 30),
  rule(['identifierEnd', 'year'], ['monthDay', 'givenInitial'], 30),
  rule(['year', 'monthDay', 'givenInitial'], ['familyInitial', 'suburbSound'], 40),
  rule(['year', 'monthDay', 'familyInitial'], ['givenInitial', 'suburbSound'], 40),
  rule(['bothSounds'], ['year', 'suburbSound'], 20),
  rule(['year', 'givenSound', 'familyInitial'], ['monthDay', 'suburbSound'], 20),
  rule(['year', 'familySound', 'givenInitial'], ['monthDay', 'suburbSound'], 20),
  rule(['number', 'streetSound', 'suburbSound'], ['givenInitial', 'year'], 20),
  rule(['identifierStart', 'bothSounds'], ['year', 'suburbSound'], 30),
  rule(['identifierEnd', 'bothSounds'], ['year', 'suburbSound'], 30),
  broad('phone'),
  broad('year', 'monthDay'),
  broad('bothSounds'),
  broad('mailbox'),
  broad('number', 'streetSound'),
  broad('number', 'postcode'),
  broad('givenSound', 'postcode'),
  broad('familySound', 'postcode'),
  broad('givenSound', 'suburbSound'),
  broad('familySound', 'suburbSound'),
  broad('year', 'givenSound'),
  broad('year', 'familySound'),
  broad('monthDay', 'givenSound'),
  broad('monthDay', 'familySound'),
  broad('monthDay', 'suburbSound'),
  broad('year', 'suburbSound'),
  broad('streetSound'),
  broad('postcode'),
  broad('monthDay'),
  broad('familySound'),
  broad('givenSound'),
  broad('suburbSound'),
  broad('year'),
];

const HIGH_SEED = 0x51ed270b;
const LOW_SEED = 0x7feb352d;
const HIGH_BITS = 0xfffff;
const TWO_32 = 2 ** 32;

/** Which blocks are hot is frozen in the model: taken from live counts it would depend on the order of arrival. */
export interface HotKeys {
  has(key: number): boolean;
}

export const NO_HOT_KEYS: HotKeys = { has: () => false };

/**
 * The key of a row under a rule, 52 bits; 0 where the record lacks a part. A hot key is narrowed part by part; a record
 * that lacks the part stays among its like; a block still hot after the last part is none.
 */
export function blockingKey(ruleNumber: number, values: Int32Array, hot: HotKeys): number {
  const { parts, split } = BLOCKING_RULES[ruleNumber];
  let low = LOW_SEED + ruleNumber;
  let high = HIGH_SEED + ruleNumber;
  for (let at = 0; at < parts.length; at++) {
    const part = values[parts[at]];
    if (part === 0) return 0;
    low = mix(low, part);
    high = mix(high, part);
  }
  let key = joined(low, high);
  if (split.length === 0 || hot === NO_HOT_KEYS) return key;
  for (const narrower of split) {
    if (!hot.has(key)) return key;
    low = mix(low, values[narrower]);
    high = mix(high, values[narrower]);
    key = joined(low, high);
  }
  return hot.has(key) ? 0 : key;
}

function joined(low: number, high: number): number {
  return (high & HIGH_BITS) * TWO_32 + (low >>> 0) || 1;
}

/**
 * The rows that a record is blocked by: its own, and one for each further name, address and code it has, in place of the
 * first one.
 */
export function blockingViews(row: number, { rows, extras }: TableArrays): Int32Array[] {
  const own = rows.subarray(row * ROW_INTS, (row + 1) * ROW_INTS);
  let at = own[ROW.extras];
  if (at === 0) return [own];
  const views = [own];
  for (const { place, size } of LISTS) {
    const count = extras[at++];
    for (let i = 0; i < count; i++, at += size) {
      const view = own.slice();
      place.forEach((column, offset) => (view[column] = extras[at + offset]));
      views.push(view);
    }
  }
  return views;
}

/** All keys of a record under the rules in use, each once. */
export function blockingKeys(row: number, arrays: TableArrays, hot: HotKeys, rules: readonly number[]): number[] {
  const keys: number[] = [];
  const views = blockingViews(row, arrays);
  for (const view of views) {
    fillParts(view, 0, arrays.facts, keyParts);
    for (let at = 0; at < rules.length; at++) {
      const key = blockingKey(rules[at], keyParts, hot);
      if (key !== 0) keys.push(key);
    }
  }
  return views.length === 1 ? keys : [...new Set(keys)];
}

/** Filled anew for each view. */
const keyParts = new Int32Array(PARTS);
