import { TABLE_COLUMNS, type DeidentifiedView, type ShownColumn, type Treatment } from './deidentify-view.js';
import { type ProjectSecret } from './project-secret.js';
import { OLDEST_AGE, SMALL_ZIP3 } from './safe-harbor.js';

/** A value of a row as JSON has it. */
export type Cell = string | number | boolean | null | undefined;

export interface TreatOptions {
  secret: ProjectSecret;
  /** The day on which ages are counted, `YYYY-MM-DD`: of the snapshot, so that it gives the same again. */
  at: string;
}

const DAY_MS = 86_400_000;
const SIZED_DAY = /^\d{4}-\d{2}-\d{2}/;

/**
 * A value as an analyst sees it.
 *
 * @param person whose it is, for the treatments that shift; without one a date that would be shifted is null.
 */
export function treat(
  treatment: Treatment,
  value: Cell | readonly Cell[],
  person: string | null,
  options: TreatOptions,
): Cell | Cell[] {
  return Array.isArray(value)
    ? (value as Cell[]).map((each) => treatOne(treatment, each, person, options))
    : treatOne(treatment, value as Cell, person, options);
}

function treatOne(treatment: Treatment, value: Cell, person: string | null, { secret, at }: TreatOptions): Cell {
  if (value === null || value === undefined) return null;
  const text = String(value);
  switch (treatment) {
    case 'keep':
      return value;
    case 'key':
      return secret.key(text);
    case 'year':
      return sharedYear(text, at);
    case 'shift': {
      const year = yearOf(text);
      if (year !== null && year <= oldestYear(at)) return String(oldestYear(at));
      return shifted(text, person, secret);
    }
    case 'age':
      return age(value);
    case 'zip3':
      return zip3(text);
  }
}

/** "Over 89" is taken at its word: 89.5 is shown as 90 as well. */
function age(value: Cell): number | null {
  const number = Number(value);
  if (value === '' || Number.isNaN(number)) return null;
  return number > OLDEST_AGE ? OLDEST_AGE + 1 : number;
}

/**
 * The year in which those who are 90 at `at` were born or later. It stands for every earlier year as well: whoever was
 * there then, born or seen, is over 89, and years that tell so may not be shown (C).
 */
function oldestYear(at: string): number {
  return Number(at.slice(0, 4)) - (OLDEST_AGE + 1);
}

function yearOf(text: string): number | null {
  return /^\d{4}(-|$)/.test(text) ? Number(text.slice(0, 4)) : null;
}

function sharedYear(text: string, at: string): number | null {
  const year = yearOf(text);
  return year === null ? null : Math.max(year, oldestYear(at));
}

/** Of a date that has a day: the day, moved. Of others the year, which may be shown as it is. */
function shifted(text: string, person: string | null, secret: ProjectSecret): string | null {
  const year = yearOf(text);
  if (year === null) return null;
  if (!SIZED_DAY.test(text)) return text.slice(0, 4);
  const day = Date.parse(`${text.slice(0, 10)}T00:00:00Z`);
  if (person === null || Number.isNaN(day)) return null;
  const moved = new Date(day + secret.shiftDays(person) * DAY_MS).toISOString();
  return SIZED_DAY.test(moved) ? moved.slice(0, 10) : null;
}

/** Of a ZIP code of the United States; null for what is none. */
function zip3(text: string): string | null {
  if (!/^\d{5}(-?\d{4})?$/.test(text)) return null;
  const digits = text.slice(0, 3);
  return SMALL_ZIP3.includes(digits) ? '000' : digits;
}

/**
 * The rows of a table of a view as an analyst sees them: its shown columns, then, `withKeys`, those of patient, person and
 * source. They are in the order of what is shown, since the order in which they came tells more.
 *
 * @param relation in SQL, with the columns of the view, those of `TABLE_COLUMNS`, and `_person`: whose row it is.
 */
export function deidentifiedSql(
  { shown, dropped }: DeidentifiedView,
  relation: string,
  options: TreatOptions,
  withKeys = true,
): string {
  const own = new Set([...shown, ...dropped].map(({ name }) => name.toLowerCase()));
  const keys = Object.entries(TABLE_COLUMNS)
    .filter(([name, treatment]) => withKeys && treatment === 'key' && !own.has(name))
    .map(([name]): ShownColumn => ({ name, treatment: 'key', collection: false, why: '' }));
  const columns = [...shown, ...keys].map((column) => treatSql(column, '_person', options));
  return `SELECT ${columns.join(', ')} FROM ${relation} ORDER BY ALL`;
}

/**
 * The same in SQL of DuckDB: a column as an analyst sees it, `expression AS name`.
 *
 * @param person the expression of whose row it is, for the treatments that shift; `NULL` without one.
 */
export function treatSql({ name, treatment, collection }: ShownColumn, person: string, options: TreatOptions): string {
  const column = `"${name.replaceAll('"', '""')}"`;
  if (treatment === 'keep') return column;
  const treated = collection
    ? `list_transform(${column}, lambda x: ${valueSql(treatment, 'x', person, options)})`
    : valueSql(treatment, column, person, options);
  return `${treated} AS ${column}`;
}

function valueSql(treatment: Treatment, value: string, person: string, { secret, at }: TreatOptions): string {
  const text = `CAST(${value} AS VARCHAR)`;
  const year = `CASE WHEN regexp_matches(${text}, '^\\d{4}(-|$)') THEN left(${text}, 4)::INTEGER END`;
  const oldest = oldestYear(at);
  const day = `TRY_CAST(left(${text}, 10) AS DATE)`;
  const moved = `strftime(${day} + ${secret.shiftDaysSql(person)}, '%Y-%m-%d')`;
  const shift = `CASE WHEN ${year} IS NULL THEN NULL WHEN NOT regexp_matches(${text}, '^\\d{4}-\\d{2}-\\d{2}') THEN left(${text}, 4)
    WHEN ${person} IS NOT NULL THEN ${moved} END`;
  switch (treatment) {
    case 'keep':
      return value;
    case 'key':
      return secret.keySql(text);
    case 'year':
      return `CASE WHEN ${year} IS NOT NULL THEN greatest(${year}, ${oldest}) END`;
    case 'shift':
      return `CASE WHEN ${year} <= ${oldest} THEN '${oldest}' ELSE ${shift} END`;
    case 'age':
      return `CASE WHEN TRY_CAST(${value} AS DOUBLE) > ${OLDEST_AGE} THEN ${OLDEST_AGE + 1} ELSE TRY_CAST(${value} AS DOUBLE) END`;
    case 'zip3':
      return `CASE WHEN regexp_matches(${text}, '^\\d{5}(-?\\d{4})?$') THEN
        CASE WHEN left(${text}, 3) IN (${SMALL_ZIP3.map((digits) => `'${digits}'`).join(', ')}) THEN '000' ELSE left(${text}, 3) END END`;
  }
}
