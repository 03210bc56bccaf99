import { Reader, type EvaluateRequest, type GivenParameter } from './evaluate-request.js';
import { endOf, startOf, type Period } from './period.js';

/** More moments than a chart shows, and than anybody wants to wait for. */
export const MAX_POINTS = 120;

/** One number of a series: what is measured, and the data as they were known at a moment. */
export interface Point {
  period: Period;
  asOf: string | undefined;
}

/** What `$series` was asked: the request of each of its points. */
export interface SeriesRequest {
  points: EvaluateRequest[];
}

const KNOWN = ['from', 'to', 'every', 'period', 'periodStart', 'periodEnd', 'source', '_asOf'];
const DURATION = /^P(?:(\d{1,3})Y|(\d{1,4})M|(\d{1,4})W|(\d{1,5})D)$/;

/** A duration of ISO 8601 in one unit: calendar months and years, or days. */
export interface Duration {
  months: number;
  days: number;
}

/** Undefined for what is no duration, or none of a whole number of one unit above 0. */
export function parseDuration(text: string): Duration | undefined {
  const match = DURATION.exec(text);
  if (!match) return undefined;
  const [years, months, weeks, days] = match.slice(1).map((part) => Number(part ?? 0));
  const duration = { months: years * 12 + months, days: weeks * 7 + days };
  return duration.months + duration.days > 0 ? duration : undefined;
}

/** `count` durations after an instant; a month after 31 January is the last of February. */
export function addDuration(instant: string, { months, days }: Duration, count: number): string {
  const date = new Date(instant);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months * count);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, last) + days * count);
  return date.toISOString();
}

/**
 * A measure at each moment from `from` to `to`, every so often: with the data as they were known then (or, with `_asOf`,
 * as of one position), and over the `period` that ends there (default: since the moment before), or over one fixed period
 * (`periodStart`, `periodEnd`). Moments that are still to come are left out.
 * @param now milliseconds since the epoch.
 * @throws FhirError (400) with everything that is wrong, and where.
 */
export function readSeriesRequest(measure: string, given: readonly GivenParameter[], now: number): SeriesRequest {
  const reader = new Reader(given, KNOWN);
  const moment = (name: string): string | undefined => {
    const parameter = reader.requiredParameter(name);
    const instant = parameter && startOf(parameter.value);
    if (parameter && !instant)
      reader.refuse(parameter.place, `${name} must be a FHIR date or dateTime with a time zone`, 'value');
    return instant;
  };
  const duration = (name: string, isRequired: boolean): Duration | undefined => {
    const parameter = isRequired ? reader.requiredParameter(name) : reader.optional(name);
    const parsed = parameter && parseDuration(parameter.value);
    if (parameter && !parsed)
      reader.refuse(
        parameter.place,
        `${name} must be an ISO 8601 duration in one unit, such as P1M, P1W or P1Y`,
        'value',
      );
    return parsed;
  };
  const [from, to] = [moment('from'), moment('to')];
  const every = duration('every', true);
  const rolling = duration('period', false) ?? every;
  const fixed = readFixed(reader);
  const sources = reader.all('source').map(({ value }) => value);
  const asOf = reader.optional('_asOf')?.value;
  const points: Point[] = [];
  if (from && to && every && rolling) {
    for (
      let count = 0, at = from;
      at <= to && Date.parse(at) <= now;
      count += 1, at = addDuration(from, every, count)
    ) {
      if (points.length === MAX_POINTS) {
        reader.refuse('every', `a series has at most ${MAX_POINTS} moments: ask for fewer`, 'too-costly');
        break;
      }
      points.push({ period: fixed ?? before(at, rolling), asOf: asOf ?? at });
    }
    if (to < from) reader.refuse('to', 'the series ends before it begins', 'value');
  }
  reader.end();
  return {
    points: points.map((point) => ({ measure, reportType: 'summary', subject: undefined, sources, ...point })),
  };
}

function readFixed(reader: Reader): Period | undefined {
  const [start, end] = [reader.optional('periodStart'), reader.optional('periodEnd')];
  if (!start && !end) return undefined;
  const period = { start: start && startOf(start.value), end: end && endOf(end.value) };
  if (!period.start)
    reader.refuse(start?.place ?? 'periodStart', 'a fixed period needs periodStart, a FHIR date or dateTime', 'value');
  if (!period.end)
    reader.refuse(end?.place ?? 'periodEnd', 'a fixed period needs periodEnd, a FHIR date or dateTime', 'value');
  if (reader.optional('period'))
    reader.refuse('period', 'give a fixed period, or the duration of one that moves: not both');
  if (!period.start || !period.end) return undefined;
  if (period.start > period.end) reader.refuse(end!.place, 'the period ends before it starts', 'value');
  return { start: period.start, end: period.end };
}

/** The duration up to an instant, without it. */
function before(instant: string, { months, days }: Duration): Period {
  const start = addDuration(instant, { months: -months, days: -days }, 1);
  return { start, end: new Date(Date.parse(instant) - 1).toISOString() };
}
