import { decimalBoundary, isNumeric } from './decimal.js';
import { type Evaluate } from './evaluate.js';
import { OutsideSubset } from './outside-subset.js';
import { type StaticTypes } from './scope.js';
import { singleOf } from './single.js';
import { categoryOf } from './static-types.js';

export type Side = 'low' | 'high';

/** lowBoundary() and highBoundary() (https://hl7.org/fhirpath/#lowboundaryprecision-integer-decimal--date--datetime--time). */
export function boundary(of: Evaluate, side: Side, types: StaticTypes): Evaluate {
  const category = categoryOf(types);
  if (types === undefined || (category !== 'number' && category !== 'time'))
    throw new OutsideSubset('the boundary of what is neither a number nor a time');
  const [type = ''] = types;
  if (category === 'time' && types.length !== 1) throw new OutsideSubset('the boundary of one of several types');
  return (item, environment) => boundaryOf(singleOf(of(item, environment), environment), side, type);
}

/** The boundary of one value of the FHIR type `type`; undefined where it has none. */
export function boundaryOf(value: unknown, side: Side, type: string): unknown {
  if (isNumeric(value)) return decimalBoundary(value, side);
  if (typeof value !== 'string') return undefined;
  switch (type) {
    case 'date':
      return dateBoundary(value, side);
    case 'dateTime':
    case 'instant':
      return dateTimeBoundary(value, side);
    case 'time':
      return timeBoundary(value, side);
    default:
      return undefined;
  }
}

const DATE = /^(\d{4})(?:-(\d\d))?(?:-(\d\d))?$/;

function dateBoundary(text: string, side: Side): string | undefined {
  const [, year, month = side === 'low' ? '01' : '12', day] = DATE.exec(text) ?? [];
  if (year === undefined) return undefined;
  return `${year}-${month}-${day ?? (side === 'low' ? '01' : lastDay(Number(year), Number(month)))}`;
}

function lastDay(year: number, month: number): string {
  const end = new Date(Date.UTC(2000, month, 0));
  end.setUTCFullYear(year, month, 0);
  return String(end.getUTCDate()).padStart(2, '0');
}

const TIME = /^(\d\d)(?::(\d\d))?(?::(\d\d))?(?:\.(\d+))?$/;

function timeBoundary(text: string, side: Side): string | undefined {
  const isLow = side === 'low';
  const [, hour, minute = isLow ? '00' : '59', second = isLow ? '00' : '59', fraction = ''] = TIME.exec(text) ?? [];
  if (hour === undefined) return undefined;
  return `${hour}:${minute}:${second}.${fraction.slice(0, 3).padEnd(3, isLow ? '0' : '9')}`;
}

/** Where no zone was said the earliest and the latest one of the world bound it. */
function dateTimeBoundary(text: string, side: Side): string | undefined {
  const [date = '', rest] = text.split('T', 2);
  const day = dateBoundary(date, side);
  const zone = /(?:Z|[+-]\d\d:\d\d)$/.exec(rest ?? '')?.[0] ?? '';
  const clock = rest?.slice(0, rest.length - zone.length) ?? (side === 'low' ? '00' : '23');
  const time = timeBoundary(clock, side);
  if (day === undefined || time === undefined) return undefined;
  return `${day}T${time}${zone || (side === 'low' ? '+14:00' : '-12:00')}`;
}
