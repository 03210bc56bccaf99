import { mix } from '../engine/content-hash.js';
import { type TermTable } from '../engine/model.js';
import { codeKey } from '../engine/code-key.js';
import { ROW, ROW_INTS, type RecordTable } from '../engine/record-table.js';
import { FACT, FACTS } from '../engine/values.js';

/** Agreement on a rare text is worth more, on a frequent one less: by at most so many thousandths of a bit. */
const MOST_WEIGHT = 3000;
/** Frequencies are drawn to the usual one as if so many more records had it: those of a few records are chance. */
const USUAL_RECORDS = 1000;
/** Two records of one person are no sign that a text is frequent. */
const OWN = 2;
/** Texts that a model lists; the others are rare. */
const MOST_LISTED = 3000;

/**
 * What the frequency of each text in a column is worth beside plain agreement, half of what it would be were the texts of
 * duplicates independent: log2 of the usual chance of agreement over this text's.
 */
export function termTable(column: number, rows: Int32Array, facts: Int32Array): TermTable {
  const counts = new Map<number, number>();
  let total = 0;
  for (let at = column; at < rows.length; at += ROW_INTS) {
    if (rows[at] === 0) continue;
    counts.set(rows[at], (counts.get(rows[at]) ?? 0) + 1);
    total++;
  }
  if (total === 0) return { rare: 0, listed: [] };
  let squares = 0;
  for (const count of counts.values()) squares += count * (count - 1);
  const usual = Math.max(squares / (total * total), 1 / total);
  const weight = (count: number): number => {
    const frequency = (Math.max(0, count - OWN) + USUAL_RECORDS * usual) / (total + USUAL_RECORDS);
    const bits = 500 * Math.log2(usual / frequency);
    return Math.round(Math.max(-MOST_WEIGHT, Math.min(MOST_WEIGHT, bits)));
  };
  const rare = weight(1);
  const listed = [...counts]
    .sort((a, b) => b[1] - a[1] || a[0] - b[0])
    .slice(0, MOST_LISTED)
    .filter(([, count]) => weight(count) !== rare)
    .flatMap(([value, count]) => [
      facts[value * FACTS + FACT.hash],
      facts[value * FACTS + FACT.hashHigh],
      weight(count),
    ]);
  return { rare, listed };
}

/** A code that records of so many birth years share is nobody's own. A family's phone has few. */
const MOST_YEARS = { phone: 12, email: 8, identifier: 4 } as const;
/** Of the records that share it, at least this share differ in birth year. */
const YEARS_SHARE = 0.5;
/** A birth date so many times as frequent as dates usually are is a placeholder. */
const DATE_TIMES = 25;
const LEAST_DATES = 25;

/**
 * Finds codes and birth dates that too many share, and takes them out of the table; returns their keys for the model.
 */
export function dropPlaceholders(table: RecordTable): number[] {
  const { rows } = table.arrays;
  const dropped = new Set<number>();
  for (const [kind, place] of [
    ['phone', ROW.phone],
    ['email', ROW.email],
    ['identifier', ROW.id],
  ] as const) {
    for (const key of sharedCodes(rows, place, kind === 'identifier' ? ROW.idSystem : undefined, MOST_YEARS[kind])) {
      const [hash, system] = key;
      dropped.add(codeKey(kind, hash, system));
    }
  }
  for (const date of frequentDates(rows)) dropped.add(codeKey('birthDate', date));
  table.drop(dropped);
  return [...dropped].sort((a, b) => a - b);
}

function sharedCodes(
  rows: Int32Array,
  place: number,
  systemPlace: number | undefined,
  mostYears: number,
): [number, number][] {
  const counts = new Map<number, number>();
  for (let at = 0; at < rows.length; at += ROW_INTS) {
    const hash = rows[at + place];
    if (hash !== 0) counts.set(hash, (counts.get(hash) ?? 0) + 1);
  }
  const years = new Map<number, { system: number; hash: number; count: number; years: Set<number> }>();
  for (let at = 0; at < rows.length; at += ROW_INTS) {
    const hash = rows[at + place];
    if (hash === 0 || counts.get(hash)! <= mostYears || rows[at + ROW.birth] === 0) continue;
    const system = systemPlace === undefined ? 0 : rows[at + systemPlace];
    const key = system === 0 ? hash : mix(hash, system);
    let entry = years.get(key);
    if (!entry) years.set(key, (entry = { system, hash, count: 0, years: new Set() }));
    entry.count++;
    entry.years.add(Math.trunc(rows[at + ROW.birth] / 10_000));
  }
  return [...years.values()]
    .filter(
      (entry) => entry.years.size > mostYears && entry.years.size >= Math.min(entry.count * YEARS_SHARE, 3 * mostYears),
    )
    .map(({ hash, system }) => [hash, system]);
}

function frequentDates(rows: Int32Array): number[] {
  const counts = new Map<number, number>();
  let total = 0;
  for (let at = ROW.birth; at < rows.length; at += ROW_INTS) {
    if (rows[at] === 0) continue;
    counts.set(rows[at], (counts.get(rows[at]) ?? 0) + 1);
    total++;
  }
  const sorted = [...counts].sort((a, b) => a[1] - b[1]);
  let seen = 0;
  const usual = sorted.find(([, count]) => (seen += count) * 2 >= total)?.[1] ?? 1;
  return sorted.filter(([, count]) => count >= LEAST_DATES && count > DATE_TIMES * usual).map(([date]) => date);
}
