import { blockingKey, blockingViews, BLOCKING_RULES, type HotKeys, NO_HOT_KEYS } from '../engine/blocking-keys.js';
import { ROW, ROW_INTS, type TableArrays } from '../engine/record-table.js';

const RULES = BLOCKING_RULES.length;
/** Records of a block beyond which it is split: a block of 100 is 5,000 pairs, of 1,000 half a million. */
export const MOST_IN_BLOCK = 100;

/** The rows that are blocked: the records' own, then the further views of those that have several names or addresses. */
export interface BlockedRows {
  rows: Int32Array;
  /** The record of each row. */
  record: Int32Array;
  count: number;
}

/** Keys of all rows, row after row, a key in two halves: `RULES` low words, and `RULES` high words elsewhere. */
export interface RowKeys {
  low: Int32Array;
  high: Int32Array;
}

export function blockedRows(arrays: TableArrays): BlockedRows {
  const records = arrays.rows.length / ROW_INTS;
  const further: Int32Array[] = [];
  const owners: number[] = [];
  for (let i = 0; i < records; i++) {
    if (arrays.rows[i * ROW_INTS + ROW.extras] === 0) continue;
    for (const view of blockingViews(i, arrays).slice(1)) {
      further.push(view);
      owners.push(i);
    }
  }
  const count = records + further.length;
  if (further.length === 0) return { rows: arrays.rows, record: ascending(count), count };
  const rows = new Int32Array(new SharedArrayBuffer(count * ROW_INTS * 4));
  rows.set(arrays.rows);
  further.forEach((view, at) => rows.set(view, (records + at) * ROW_INTS));
  const record = ascending(count);
  owners.forEach((owner, at) => (record[records + at] = owner));
  return { rows, record, count };
}

function ascending(count: number): Int32Array {
  const numbers = new Int32Array(new SharedArrayBuffer(count * 4));
  for (let at = 0; at < count; at++) numbers[at] = at;
  return numbers;
}

export function emptyKeys(rows: number): RowKeys {
  return {
    low: new Int32Array(new SharedArrayBuffer(rows * RULES * 4)),
    high: new Int32Array(new SharedArrayBuffer(rows * RULES * 4)),
  };
}

/** Fills the keys of rows `from` to `to` under rule `rule`. */
export function fillKeys(rule: number, blocked: BlockedRows, facts: Int32Array, hot: HotKeys, keys: RowKeys): void {
  for (let row = 0; row < blocked.count; row++) {
    const key = blockingKey(rule, blocked.rows, row * ROW_INTS, facts, hot);
    keys.low[row * RULES + rule] = key | 0;
    keys.high[row * RULES + rule] = key / 2 ** 32;
  }
}

/** The rows that have a key under a rule, sorted so that those of one block follow one another. */
export function sortedByKey(rule: number, { low, high }: RowKeys, count: number): Int32Array {
  let rows = new Int32Array(count);
  let used = 0;
  for (let row = 0; row < count; row++) {
    const at = row * RULES + rule;
    if (low[at] !== 0 || high[at] !== 0) rows[used++] = row;
  }
  rows = rows.subarray(0, used);
  let other = new Int32Array(used);
  const starts = new Int32Array(1 << RADIX_BITS);
  for (const [words, shift] of [
    [low, 0],
    [low, 11],
    [low, 22],
  ] as const) {
    starts.fill(0);
    for (let i = 0; i < used; i++) starts[(words[rows[i] * RULES + rule] >>> shift) & RADIX_MASK]++;
    let sum = 0;
    for (let digit = 0; digit < starts.length; digit++) {
      const size = starts[digit];
      starts[digit] = sum;
      sum += size;
    }
    for (let i = 0; i < used; i++) other[starts[(words[rows[i] * RULES + rule] >>> shift) & RADIX_MASK]++] = rows[i];
    [rows, other] = [other, rows];
  }
  return rows;
}
const RADIX_BITS = 11;
const RADIX_MASK = (1 << RADIX_BITS) - 1;

/**
 * Calls `block` for each block of a rule: its rows stand in `sorted` from `from` to before `to`. Rows of one low word and
 * another high word are put apart first.
 */
export function forEachBlock(
  rule: number,
  sorted: Int32Array,
  { low, high }: RowKeys,
  block: (from: number, to: number) => void,
): void {
  for (let from = 0; from < sorted.length;) {
    const word = low[sorted[from] * RULES + rule];
    const highWord = high[sorted[from] * RULES + rule];
    let to = from + 1;
    let mixed = false;
    for (; to < sorted.length && low[sorted[to] * RULES + rule] === word; to++)
      if (high[sorted[to] * RULES + rule] !== highWord) mixed = true;
    if (mixed) {
      sorted.subarray(from, to).sort((a, b) => high[a * RULES + rule] - high[b * RULES + rule] || a - b);
      for (let start = from; start < to;) {
        let end = start + 1;
        while (end < to && high[sorted[end] * RULES + rule] === high[sorted[start] * RULES + rule]) end++;
        if (end - start > 1) block(start, end);
        start = end;
      }
    } else if (to - from > 1) block(from, to);
    from = to;
  }
}

/** Whether an earlier rule has the two rows in one block: then the pair is its own. */
export function ownedEarlier(rule: number, a: number, b: number, { low, high }: RowKeys): boolean {
  const atA = a * RULES;
  const atB = b * RULES;
  for (let earlier = 0; earlier < rule; earlier++) {
    const word = low[atA + earlier];
    if (
      word === low[atB + earlier] &&
      high[atA + earlier] === high[atB + earlier] &&
      (word !== 0 || high[atA + earlier] !== 0)
    )
      return true;
  }
  return false;
}

/** What splitting found: the hot keys, and how many records stay in blocks that no further part splits. */
export interface RuleBlocks {
  hot: number[];
  left: number;
}

/** Finds the hot keys of a rule and fills its keys, narrowed by them. */
export function splitRule(
  rule: number,
  blocked: BlockedRows,
  facts: Int32Array,
  keys: RowKeys,
  cap: number,
): RuleBlocks {
  const hot = new Set<number>();
  const isBroad = BLOCKING_RULES[rule].split.length === 0;
  let left = 0;
  for (let round = 0; round <= BLOCKING_RULES[rule].split.length; round++) {
    const before = hot.size;
    fillKeys(rule, blocked, facts, hot, keys);
    const sorted = sortedByKey(rule, keys, blocked.count);
    const isLast = round === BLOCKING_RULES[rule].split.length;
    forEachBlock(rule, sorted, keys, (from, to) => {
      if (isBroad || to - from <= cap) return;
      const at = sorted[from] * RULES + rule;
      hot.add(keys.high[at] * 2 ** 32 + (keys.low[at] >>> 0));
      if (isLast) left += to - from;
    });
    if (hot.size === before) break;
    if (isLast) fillKeys(rule, blocked, facts, hot, keys);
  }
  return { hot: [...hot], left };
}

/** Records drawn to see how many pairs a broad rule has. */
const SAMPLE = 20_000;
/** Pairs that a broad rule may cost: so many, and one more a record. */
const BROAD_PAIRS = 300_000;

/** The rules in use: those that split, and the broad ones whose pairs are few enough among these records. */
export function rulesInUse(blocked: BlockedRows, facts: Int32Array): number[] {
  return BLOCKING_RULES.flatMap(({ split }, rule) =>
    split.length > 0 || estimatedPairs(rule, blocked, facts) <= BROAD_PAIRS + blocked.count ? [rule] : [],
  );
}

function estimatedPairs(rule: number, { rows, count }: BlockedRows, facts: Int32Array): number {
  const blocks = new Map<number, number>();
  const step = Math.max(1, Math.floor(count / SAMPLE));
  let pairs = 0;
  let drawn = 0;
  for (let row = 0; row < count; row += step, drawn++) {
    const key = blockingKey(rule, rows, row * ROW_INTS, facts, NO_HOT_KEYS);
    if (key === 0) continue;
    const before = blocks.get(key) ?? 0;
    pairs += before;
    blocks.set(key, before + 1);
  }
  return pairs * (count / drawn) ** 2;
}
