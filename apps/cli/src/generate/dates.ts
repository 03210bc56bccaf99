/** Days are counted from 1970-01-01, negative before it. The town has no clock: it lives on the day TOWN_TODAY. */
const MILLISECONDS_A_DAY = 86_400_000;
const MINUTES_A_DAY = 1_440;

/** Days in a year, the leap day spread: for ages and spans, where a day more or less does not matter. */
export const DAYS_A_YEAR = 365.25;

/** The day of a calendar date; `month` from 1 to 12. */
export function dayOf(year: number, month: number, day: number): number {
  return Date.UTC(year, month - 1, day) / MILLISECONDS_A_DAY;
}

/** The last day of the town's records. Fixed, so that the same seed gives the same bytes in any year. */
export const TOWN_TODAY = dayOf(2025, 6, 30);

/** `YYYY-MM-DD`, a FHIR date. */
export function isoDate(day: number): string {
  return new Date(day * MILLISECONDS_A_DAY).toISOString().slice(0, 10);
}

/**
 * A FHIR dateTime or instant: `minute` counts from midnight of `day` and may run over into the days after.
 * `zone` is the offset as the source writes it (`Z`, `-05:00`); the local time is not converted.
 */
export function isoInstant(day: number, minute: number, zone: string): string {
  const rest = minute % MINUTES_A_DAY;
  const hours = String(Math.floor(rest / 60)).padStart(2, '0');
  const minutes = String(rest % 60).padStart(2, '0');
  return `${isoDate(day + Math.floor(minute / MINUTES_A_DAY))}T${hours}:${minutes}:00${zone}`;
}

/** Whether the text is a date of the calendar that is not after the town's today. */
export function isPossibleBirthDate(text: string): boolean {
  const [year, month, day] = text.split('-').map(Number) as [number, number, number];
  const counted = dayOf(year, month, day);
  return month >= 1 && month <= 12 && counted <= TOWN_TODAY && isoDate(counted) === text;
}

/** Whole years from birth to a day, never below 0. */
export function ageOn(day: number, birthDay: number): number {
  return Math.max(0, Math.floor((day - birthDay) / DAYS_A_YEAR));
}
