const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const COMPACT = /^(\d{4})(\d{2})?(\d{2})?$/;
const YEAR_FIRST = /^(\d{4})[-/. ](\d{1,2})(?:[-/. ](\d{1,2}))?(?:[T ].*)?$/;
const YEAR_LAST = /^(\d{1,2})([-/. ])(\d{1,2})[-/. ](\d{4})(?:[T ].*)?$/;
const NAMED_MONTH = /^(?:(\d{1,2})[-/. ]*([a-z]{3,9})|([a-z]{3,9})[-/. ]*(\d{1,2}))[-/., ]+(\d{4})$/i;
const PLACEHOLDERS = new Set([
  19000101, 19010101, 18000101, 17000101, 10000101, 11111111, 22222222, 12121212, 99999999, 99991231, 19000000,
]);
const FIRST_YEAR = 1800;
const LAST_YEAR = 2999;

/**
 * A birth date as yyyymmdd, with 00 for a month or day that is not known; 0 for what is no date or a placeholder. A
 * month or day that cannot be is kept: it differs by a digit from the one that was meant.
 * @param dayFirst how 3/7/1984 is read where neither part is over 12
 */
export function parseBirthDate(raw: string, dayFirst = false): number {
  const text = raw.trim();
  const found =
    COMPACT.exec(text)?.slice(1) ?? YEAR_FIRST.exec(text)?.slice(1) ?? yearLast(text, dayFirst) ?? namedMonth(text);
  if (!found) return 0;
  const [year, month, day] = found.map((part) => Number(part ?? 0));
  const date = year * 10_000 + month * 100 + (month === 0 ? 0 : day);
  return year < FIRST_YEAR || year > LAST_YEAR || PLACEHOLDERS.has(date) ? 0 : date;
}

/** Whether a column of dates like 22/8/1986 has the day first; undefined where no row tells. */
export function tellsDayFirst(raw: string): boolean | undefined {
  const found = YEAR_LAST.exec(raw.trim());
  if (!found) return undefined;
  if (Number(found[1]) > 12) return true;
  return Number(found[3]) > 12 ? false : undefined;
}

function yearLast(text: string, dayFirst: boolean): string[] | undefined {
  const found = YEAR_LAST.exec(text);
  if (!found) return undefined;
  const [, first, separator, second, year] = found;
  const isDayFirst = tellsDayFirst(text) ?? (separator === '.' || dayFirst);
  return isDayFirst ? [year, second, first] : [year, first, second];
}

function namedMonth(text: string): string[] | undefined {
  const found = NAMED_MONTH.exec(text);
  if (!found) return undefined;
  const month = MONTHS.indexOf((found[2] ?? found[3]).slice(0, 3).toLowerCase()) + 1;
  return month === 0 ? undefined : [found[5], String(month), found[1] ?? found[4]];
}
