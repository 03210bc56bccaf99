import { parseTime } from '@chartledger/fhir';

const MINUTE = 60_000_000n;
const MILLISECONDS_A_DAY = 86_400_000;

/** Days since 1970-01-01 of a date, or of a dateTime as its own zone has it; undefined where the day is not said. */
export function daysOf(value: unknown): number | undefined {
  const time = parseTime(value);
  const [year, month, day] = time?.parts ?? [];
  if (!time || time.isTimeOfDay || year === undefined || month === undefined || day === undefined) return undefined;
  return utcDay(year, month, day);
}

function utcDay(year: number, month: number, day: number): number | undefined {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 ? date.getTime() / MILLISECONDS_A_DAY : undefined;
}

/**
 * Microseconds since 1970 in UTC. A day without a time begins at midnight; without a zone UTC is taken. Undefined where
 * not even the day is said.
 */
export function microsecondsOf(value: unknown): bigint | undefined {
  const days = daysOf(value);
  const time = parseTime(value);
  if (days === undefined || !time) return undefined;
  const ofDay = clock(time.parts.slice(3));
  return BigInt(days) * 1_440n * MINUTE + ofDay - BigInt(time.zone ?? 0) * MINUTE;
}

/** Microseconds since midnight of a FHIR time. */
export function timeOfDayMicroseconds(value: unknown): bigint | undefined {
  const time = parseTime(value);
  return time?.isTimeOfDay ? clock(time.parts) : undefined;
}

function clock([hour = 0, minute = 0, second = 0]: readonly number[]): bigint {
  return BigInt(hour * 60 + minute) * MINUTE + BigInt(Math.round(second * 1e6));
}
