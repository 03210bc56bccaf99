/**
 * date, dateTime, instant and time of FHIR R4 (datatypes.html#dateTime) as checks of ASCII bytes `text[start, end)`.
 * Beyond the specification's regular expressions the day must exist in the Gregorian calendar.
 */

const DASH = 0x2d;
const COLON = 0x3a;
const NONE = -1;

/** The two digits at `at` as a number, NONE where they are no digits. */
function two(text: Uint8Array, at: number): number {
  const tens = text[at]! - 0x30;
  const ones = text[at + 1]! - 0x30;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NONE;
}

const DAYS = [0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function dayExists(year: number, month: number, day: number): boolean {
  if (day < 1 || day > DAYS[month]!) return false;
  return month !== 2 || day < 29 || (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0));
}

/** YYYY, YYYY-MM or YYYY-MM-DD; the year is not 0000. */
export function isDate(text: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  if (length !== 10 && length !== 7 && length !== 4) return false;
  const century = two(text, start);
  const yearOfCentury = two(text, start + 2);
  if (century === NONE || yearOfCentury === NONE || century + yearOfCentury === 0) return false;
  if (length === 4) return true;
  const month = two(text, start + 5);
  if (text[start + 4] !== DASH || month < 1 || month > 12) return false;
  if (length === 7) return true;
  return text[start + 7] === DASH && dayExists(century * 100 + yearOfCentury, month, two(text, start + 8));
}

/** Where hh:mm:ss[.f+] ends, NONE where it is none. 24:00 is not allowed, the leap second 60 is. */
function endOfTime(text: Uint8Array, start: number, end: number): number {
  if (end - start < 8 || text[start + 2] !== COLON || text[start + 5] !== COLON) return NONE;
  const hour = two(text, start);
  const minute = two(text, start + 3);
  const second = two(text, start + 6);
  if (hour === NONE || hour > 23 || minute === NONE || minute > 59 || second === NONE || second > 60) return NONE;
  let at = start + 8;
  if (at >= end || text[at] !== 0x2e) return at;
  at++;
  const fraction = at;
  while (at < end && text[at]! >= 0x30 && text[at]! <= 0x39) at++;
  return at > fraction ? at : NONE;
}

/** Z or ±hh:mm up to 14:00, and nothing after it. */
function isZone(text: Uint8Array, start: number, end: number): boolean {
  if (end - start === 1) return text[start] === 0x5a;
  if (end - start !== 6 || (text[start] !== 0x2b && text[start] !== DASH) || text[start + 3] !== COLON) return false;
  const hour = two(text, start + 1);
  const minute = two(text, start + 4);
  return hour !== NONE && minute !== NONE && minute <= 59 && (hour <= 13 || (hour === 14 && minute === 0));
}

export function isTime(text: Uint8Array, start: number, end: number): boolean {
  return endOfTime(text, start, end) === end;
}

/** A date to the day, T, time and zone. */
export function isInstant(text: Uint8Array, start: number, end: number): boolean {
  if (end - start < 20 || text[start + 10] !== 0x54 || !isDate(text, start, start + 10)) return false;
  const zone = endOfTime(text, start + 11, end);
  return zone !== NONE && isZone(text, zone, end);
}

/** A date, or an instant: where there is a time there is a zone. */
export function isDateTime(text: Uint8Array, start: number, end: number): boolean {
  return end - start > 10 ? isInstant(text, start, end) : isDate(text, start, end);
}
