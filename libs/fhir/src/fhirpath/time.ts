/** A date, dateTime, instant or time of FHIR as its parts, the larger ones first (http://hl7.org/fhir/R4/datatypes.html). */
export interface Time {
  /** Year, month, day, hour, minute, second and thousandths of the second, as many as were said. */
  parts: readonly number[];
  /** Minutes ahead of UTC; undefined where no zone was said. */
  zone: number | undefined;
  isTimeOfDay: boolean;
}

const DATE_TIME = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d(?:\.\d+)?))?(Z|[+-]\d\d:\d\d)?)?)?)?$/;
const TIME_OF_DAY = /^(\d\d)(?::(\d\d)(?::(\d\d(?:\.\d+)?))?)?$/;

export function parseTime(text: unknown): Time | undefined {
  if (typeof text !== 'string') return undefined;
  const date = DATE_TIME.exec(text);
  if (date) return { parts: numbersOf(date.slice(1, 7)), zone: zoneOf(date[7]), isTimeOfDay: false };
  const time = TIME_OF_DAY.exec(text);
  return time ? { parts: numbersOf(time.slice(1)), zone: undefined, isTimeOfDay: true } : undefined;
}

function numbersOf(groups: readonly (string | undefined)[]): number[] {
  return groups.filter((group) => group !== undefined).map(Number);
}

function zoneOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (text === 'Z') return 0;
  const minutes = Number(text.slice(1, 3)) * 60 + Number(text.slice(4));
  return text.startsWith('-') ? -minutes : minutes;
}

/**
 * Negative, zero or positive as `left` is before, at or after `right` (http://hl7.org/fhirpath/N1/#comparison), part by
 * part. Undefined where one of them is less precise and all that both say agrees, where only one says a zone, and where
 * they are of different kinds.
 */
export function compareTimes(left: unknown, right: unknown): number | undefined {
  const [a, b] = [parseTime(left), parseTime(right)];
  if (!a || !b || a.isTimeOfDay !== b.isTimeOfDay) return undefined;
  const hasHours = a.isTimeOfDay ? false : a.parts.length > 3 && b.parts.length > 3;
  if (hasHours && (a.zone === undefined) !== (b.zone === undefined)) return undefined;
  const [of, to] = hasHours && a.zone !== b.zone ? [inUtc(a), inUtc(b)] : [a.parts, b.parts];
  for (let index = 0; index < Math.min(of.length, to.length); index += 1) {
    const difference = (of[index] as number) - (to[index] as number);
    if (difference !== 0) return difference;
  }
  return of.length === to.length ? 0 : undefined;
}

/** What is the same for two times of which compareTimes says that they are equal; the value itself where it is no time. */
export function timeKey(value: unknown): unknown {
  const time = parseTime(value);
  if (!time) return value;
  const hasZone = time.zone !== undefined;
  return [time.isTimeOfDay, hasZone, ...(hasZone ? inUtc(time) : time.parts)].join(' ');
}

/** The parts at UTC; as many as there were. */
function inUtc({ parts, zone = 0 }: Time): number[] {
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0] = parts;
  const moment = new Date(Date.UTC(year, month - 1, day, hour, minute - zone));
  if (year < 100) moment.setUTCFullYear(year);
  const shifted = [
    moment.getUTCFullYear(),
    moment.getUTCMonth() + 1,
    moment.getUTCDate(),
    moment.getUTCHours(),
    moment.getUTCMinutes(),
  ];
  return [...shifted, ...parts.slice(5)];
}
