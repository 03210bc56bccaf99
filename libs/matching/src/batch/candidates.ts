import {
  blockingKey,
  blockingViews,
  BLOCKING_RULES,
  fillParts,
  type HotKeys,
  NO_HOT_KEYS,
  PARTS,
} from '../engine/blocking-keys.js';
import { ROW, ROW_INTS, type TableArrays } from '../engine/record-table.js';

/** The rows that are blocked: the records' own, then the further views of those that have several names or addresses. */
export interface BlockedRows {
  rows: Int32Array;
  /** The record of each row. */
  record: Int32Array;
  count: number;
}

/** Keys of all rows under the rules in use, row after row: a key's lower 32 bits in one array, its upper in another. */
export interface RowKeys {
  rules: readonly number[];
  low: Int32Array;
  high: Int32Array;
}

export function sharedInts(count: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(count * 4));
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
  const record = sharedInts(count);
  for (let at = 0; at < records; at++) record[at] = at;
  record.set(owners, records);
  if (further.length === 0) return { rows: arrays.rows, record, count };
  const rows = sharedInts(count * ROW_INTS);
  rows.set(arrays.rows);
  further.forEach((view, at) => rows.set(view, (records + at) * ROW_INTS));
  return { rows, record, count };
}

export function emptyKeys(rows: number, rules: readonly number[]): RowKeys {
  return { rules, low: sharedInts(rows * rules.length), high: sharedInts(rows * rules.length) };
}

/** Fills the keys of the rows `from` to before `to`. @param hot none while a model is learned. */
export function fillKeys(
  { rows }: BlockedRows,
  facts: Int32Array,
  keys: RowKeys,
  from: number,
  to: number,
  hot: HotKeys = NO_HOT_KEYS,
): void {
  const parts = new Int32Array(PARTS);
  const width = keys.rules.length;
  for (let row = from; row < to; row++) {
    fillParts(rows, row * ROW_INTS, facts, parts);
    for (let column = 0; column < width; column++)
      setKey(keys, row * width + column, blockingKey(keys.rules[column], parts, hot));
  }
}

function setKey({ low, high }: RowKeys, at: number, key: number): void {
  low[at] = key | 0;
  high[at] = key / TWO_32;
}

function keyAt({ low, high }: RowKeys, at: number): number {
  return high[at] * TWO_32 + (low[at] >>> 0);
}
const TWO_32 = 2 ** 32;

/** The rows of a rule, those of one block behind one another, and where blocks of two or more begin and end. */
export interface RuleBlocks {
  sorted: Int32Array;
  /** Begin and end (exclusive) in `sorted`, by turns. */
  blocks: Int32Array;
  /** Pairs within the blocks. */
  pairs: number;
  /** Keys that were too frequent, to be frozen in the model. */
  hot: number[];
  /** Records in blocks that no further part splits: this rule compares them with nobody. */
  unsplit: number;
}

/** The blocks of a rule in use (by its place in `keys.rules`), those over the cap split; narrows `keys` accordingly. */
export function ruleBlocks(column: number, blocked: BlockedRows, facts: Int32Array, keys: RowKeys): RuleBlocks {
  const { split, cap } = BLOCKING_RULES[keys.rules[column]];
  const hot = new Set<number>();
  let unsplit = 0;
  let sorted = sortedByKey(column, keys, blocked.count);
  for (let round = 0; round <= split.length && split.length > 0; round++) {
    const before = hot.size;
    forEachBlock(column, sorted, keys, (from, to) => {
      if (to - from <= cap) return;
      hot.add(keyAt(keys, sorted[from] * keys.rules.length + column));
      if (round === split.length) unsplit += to - from;
    });
    if (hot.size === before) break;
    narrow(column, sorted, blocked, facts, keys, hot);
    sorted = sortedByKey(column, keys, blocked.count);
  }
  return { ...endsOf(column, sorted, keys), hot: [...hot], unsplit };
}

/** The blocks of a rule under a model: its hot keys are narrowed already, and no other block is split. */
export function modelBlocks(column: number, { count }: BlockedRows, keys: RowKeys): RuleBlocks {
  return { ...endsOf(column, sortedByKey(column, keys, count), keys), hot: [], unsplit: 0 };
}

function endsOf(column: number, sorted: Int32Array, keys: RowKeys): Pick<RuleBlocks, 'sorted' | 'blocks' | 'pairs'> {
  const ends: number[] = [];
  let pairs = 0;
  forEachBlock(column, sorted, keys, (from, to) => {
    ends.push(from, to);
    pairs += ((to - from) * (to - from - 1)) / 2;
  });
  const blocks = sharedInts(ends.length);
  blocks.set(ends);
  return { sorted, blocks, pairs };
}

function narrow(
  column: number,
  rows: Int32Array,
  blocked: BlockedRows,
  facts: Int32Array,
  keys: RowKeys,
  hot: HotKeys,
): void {
  const parts = new Int32Array(PARTS);
  const width = keys.rules.length;
  for (const row of rows) {
    const at = row * width + column;
    if (!hot.has(keyAt(keys, at))) continue;
    fillParts(blocked.rows, row * ROW_INTS, facts, parts);
    setKey(keys, at, blockingKey(keys.rules[column], parts, hot));
  }
}

/** The rows that have a key, by the key's lower half: least digit first, 11 bits at a time. */
function sortedByKey(column: number, { rules, low, high }: RowKeys, count: number): Int32Array {
  const width = rules.length;
  let rows = sharedInts(count);
  let words = new Int32Array(count);
  let used = 0;
  for (let row = 0, at = column; row < count; row++, at += width) {
    if (low[at] === 0 && high[at] === 0) continue;
    rows[used] = row;
    words[used++] = low[at];
  }
  let otherRows = sharedInts(used);
  let otherWords = new Int32Array(used);
  const starts = new Int32Array(1 << RADIX_BITS);
  for (let shift = 0; shift < 32; shift += RADIX_BITS) {
    starts.fill(0);
    for (let i = 0; i < used; i++) starts[(words[i] >>> shift) & RADIX_MASK]++;
    for (let digit = 0, sum = 0; digit < starts.length; digit++) {
      const size = starts[digit];
      starts[digit] = sum;
      sum += size;
    }
    for (let i = 0; i < used; i++) {
      const place = starts[(words[i] >>> shift) & RADIX_MASK]++;
      otherRows[place] = rows[i];
      otherWords[place] = words[i];
    }
    [rows, otherRows] = [otherRows, rows];
    [words, otherWords] = [otherWords, words];
  }
  return rows.subarray(0, used);
}
const RADIX_BITS = 11;
const RADIX_MASK = (1 << RADIX_BITS) - 1;

/** Calls `block` for each block of two or more; rows whose keys have one lower half but two upper are put apart first. */
function forEachBlock(
  column: number,
  sorted: Int32Array,
  { rules, low, high }: RowKeys,
  block: (from: number, to: number) => void,
): void {
  const width = rules.length;
  const upper = (at: number): number => high[sorted[at] * width + column];
  for (let from = 0; from < sorted.length;) {
    const word = low[sorted[from] * width + column];
    const first = upper(from);
    let to = from + 1;
    let mixed = false;
    for (; to < sorted.length && low[sorted[to] * width + column] === word; to++) if (upper(to) !== first) mixed = true;
    if (mixed) {
      const rows = sorted.slice(from, to).sort((a, b) => high[a * width + column] - high[b * width + column] || a - b);
      sorted.set(rows, from);
    }
    for (let start = from; start < to;) {
      let end = start + 1;
      while (end < to && upper(end) === upper(start)) end++;
      if (end - start > 1) block(start, end);
      start = end;
    }
    from = to;
  }
}

/** Whether an earlier rule has the two rows in one block: then the pair is its own. */
export function ownedEarlier(column: number, a: number, b: number, { rules, low, high }: RowKeys): boolean {
  const atA = a * rules.length;
  const atB = b * rules.length;
  for (let earlier = 0; earlier < column; earlier++) {
    const word = low[atA + earlier];
    if (word !== low[atB + earlier]) continue;
    const upper = high[atA + earlier];
    if (upper === high[atB + earlier] && (word !== 0 || upper !== 0)) return true;
  }
  return false;
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
  const parts = new Int32Array(PARTS);
  const step = Math.max(1, Math.floor(count / SAMPLE));
  let pairs = 0;
  let drawn = 0;
  for (let row = 0; row < count; row += step, drawn++) {
    fillParts(rows, row * ROW_INTS, facts, parts);
    const key = blockingKey(rule, parts, NO_HOT_KEYS);
    if (key === 0) continue;
    const before = blocks.get(key) ?? 0;
    pairs += before;
    blocks.set(key, before + 1);
  }
  return pairs * (count / drawn) ** 2;
}
