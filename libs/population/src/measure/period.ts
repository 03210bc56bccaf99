/** The time that a measure is about, inclusive at both ends, as FHIR instants in UTC. */
export interface Period {
  start: string;
  end: string;
}

/** FHIR date or dateTime (http://hl7.org/fhir/R4/datatypes.html#dateTime). */
const DATE_TIME =
  /^(\d{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01])(?:T([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d))?)?)?$/;

/**
 * The first moment that a FHIR date or dateTime means, as an instant; a date is one of UTC. Undefined for any other text.
 */
export function startOf(text: string): string | undefined {
  return boundary(text, 0);
}

/** The last moment that a FHIR date or dateTime means: of 2024, the last millisecond of the year. */
export function endOf(text: string): string | undefined {
  return boundary(text, 1);
}

function boundary(text: string, side: 0 | 1): string | undefined {
  const match = DATE_TIME.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, , , fraction = ''] = match;
  if (hour !== undefined) {
    const time = Date.parse(text);
    if (Number.isNaN(time) || !isDay(text.slice(0, 10))) return undefined;
    const milliseconds = fraction === '' && side === 1 ? 999 : 0;
    return new Date(time + milliseconds).toISOString();
  }
  if (day !== undefined && !isDay(text)) return undefined;
  const [y, m, d] = [Number(year), Number(month ?? 1) - 1, Number(day ?? 1)];
  const start = Date.UTC(y, m, d);
  if (side === 0) return new Date(start).toISOString();
  const next =
    day !== undefined ? Date.UTC(y, m, d + 1) : month !== undefined ? Date.UTC(y, m + 1) : Date.UTC(y + 1, 0);
  return new Date(next - 1).toISOString();
}

/** 30 February is none. */
function isDay(date: string): boolean {
  const time = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(date);
}
