import { mix } from './content-hash.js';
import { EXTRA, ROW, ROW_INTS, type TableArrays } from './record-table.js';
import { FACT, FACTS } from './values.js';

/** One part of a key, read of a row at `at`; 0 where the record does not say it. */
type Part = (row: Int32Array, at: number, facts: Int32Array) => number;

const fact =
  (place: number, what: number): Part =>
  (row, at, facts) =>
    facts[row[at + place] * FACTS + what];
const code =
  (place: number): Part =>
  (row, at) =>
    row[at + place];

const PARTS = {
  identifier: (row, at) => (row[at + ROW.id] === 0 ? 0 : mix(row[at + ROW.idSystem], row[at + ROW.id]) || 1),
  phone: code(ROW.phone),
  email: code(ROW.email),
  mailbox: code(ROW.mailbox),
  year: (row, at) => (row[at + ROW.birth] / 10_000) | 0,
  /** Month and day in either order; where both are known. */
  monthDay: (row, at) => {
    const rest = row[at + ROW.birth] % 10_000;
    const day = rest % 100;
    const month = (rest - day) / 100;
    return day === 0 ? 0 : month < day ? rest : day * 100 + month;
  },
  givenSound: fact(ROW.given, FACT.sound),
  familySound: fact(ROW.family, FACT.sound),
  givenInitial: fact(ROW.given, FACT.initial),
  familyInitial: fact(ROW.family, FACT.initial),
  /** Given and family name by sound, in either order. */
  bothSounds: (row, at, facts) => {
    const given = facts[row[at + ROW.given] * FACTS + FACT.sound];
    const family = facts[row[at + ROW.family] * FACTS + FACT.sound];
    return given === 0 || family === 0 ? 0 : mix(Math.min(given, family), Math.max(given, family)) || 1;
  },
  number: fact(ROW.number, FACT.hash),
  streetSound: fact(ROW.street, FACT.sound),
  suburbSound: fact(ROW.suburb, FACT.sound),
  postcode: fact(ROW.postcode, FACT.hash),
} satisfies Record<string, Part>;

type PartName = keyof typeof PARTS;

/**
 * Records that agree in all parts of a rule are compared. A rule with `split` is always in use: a block over the cap is
 * split by the next part. One without is broad: it serves what is sparse or full of errors, where its pairs are few enough.
 */
export interface BlockingRule {
  readonly name: string;
  readonly parts: readonly PartName[];
  readonly split: readonly PartName[];
}

const rule = (parts: readonly PartName[], split: readonly PartName[]): BlockingRule => ({
  name: parts.join('+'),
  parts,
  split,
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
  rule(['year', 'monthDay', 'givenInitial', 'familyInitial'], ['suburbSound', 'postcode']),
  rule(['bothSounds', 'monthDay'], ['year', 'suburbSound']),
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
export function blockingKey(ruleNumber: number, row: Int32Array, at: number, facts: Int32Array, hot: HotKeys): number {
  const { parts, split } = BLOCKING_RULES[ruleNumber];
  let low = LOW_SEED + ruleNumber;
  let high = HIGH_SEED + ruleNumber;
  for (const name of parts) {
    const part = PARTS[name](row, at, facts);
    if (part === 0) return 0;
    low = mix(low, part);
    high = mix(high, part);
  }
  let key = joined(low, high);
  for (const name of split) {
    if (!hot.has(key)) return key;
    const part = PARTS[name](row, at, facts);
    low = mix(low, part);
    high = mix(high, part);
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
  const kinds = [
    [ROW.given, EXTRA.name],
    [ROW.number, EXTRA.address],
    [ROW.phone, EXTRA.code],
    [ROW.email, EXTRA.email],
    [ROW.idSystem, EXTRA.identifier],
  ] as const;
  for (const [place, size] of kinds) {
    const count = extras[at++];
    for (let i = 0; i < count; i++, at += size) {
      const view = own.slice();
      view.set(extras.subarray(at, at + Math.min(size, place === ROW.email ? 2 : size)), place);
      if (place === ROW.email) view[ROW.mailbox] = extras[at + 2];
      views.push(view);
    }
  }
  return views;
}

/** All keys of a record under the rules in use, each once. */
export function blockingKeys(row: number, arrays: TableArrays, hot: HotKeys, rules: readonly number[]): number[] {
  const keys = new Set<number>();
  for (const view of blockingViews(row, arrays)) {
    for (const rule of rules) keys.add(blockingKey(rule, view, 0, arrays.facts, hot));
  }
  keys.delete(0);
  return [...keys];
}
