import { type ChangeEvent } from './changes.js';
import { CRITICAL_VALUES, type CriticalValue } from './critical-values.js';

/** What is asked of an Observation (http://hl7.org/fhir/R4/observation.html). */
export interface Observation {
  status?: string;
  code?: { coding?: { system?: string; code?: string }[] };
  valueQuantity?: { value?: number; comparator?: string; system?: string; code?: string };
}

/** One result beyond a limit. Not the value itself, and nobody's name: who may know asks for the record. */
export interface Alert {
  /** Of the change: one version of an Observation gives one alert at most. */
  event: ChangeEvent;
  code: string;
  name: string;
  bound: 'above' | 'below';
  limit: number;
  unit: string;
}

const LOINC = 'http://loinc.org';
/** Results that were not meant, or are not there. */
const NO_RESULT = new Set(['entered-in-error', 'cancelled', 'registered']);

/** The alert that a result is worth, if any. */
export function alertOf(
  event: ChangeEvent,
  { status, code, valueQuantity }: Observation,
  limits: readonly CriticalValue[] = CRITICAL_VALUES,
): Alert | undefined {
  const { value, code: unit } = valueQuantity ?? {};
  if (value === undefined || NO_RESULT.has(status ?? '')) return undefined;
  const codes = new Set(code?.coding?.filter(({ system }) => system === LOINC).map((one) => one.code));
  const critical = limits.find((one) => codes.has(one.code) && one.unit === unit);
  if (!critical) return undefined;
  const alert = (bound: Alert['bound'], limit: number): Alert => {
    const { code: found, name, unit: inUnit } = critical;
    return { event, code: found, name, bound, limit, unit: inUnit };
  };
  if (critical.above !== undefined && value > critical.above) return alert('above', critical.above);
  if (critical.below !== undefined && value < critical.below) return alert('below', critical.below);
  return undefined;
}

/** An alert as it is kept: alerts of a chain are numbered from 1 on, without gaps. */
export interface NumberedAlert extends Omit<Alert, 'event'> {
  chain: number;
  number: number;
  id: string;
  time: string;
  source: string;
  record: string;
  version: number;
}

/** The CloudEvent of an alert: the same alert gives the same bytes again. */
export function alertEvent({ id, time, record, ...data }: NumberedAlert): string {
  const type = 'example.lab-alert';
  const source = '//example/lab-alerts';
  const context = { specversion: '1.0', id, source, type, subject: record, time, datacontenttype: 'application/json' };
  return JSON.stringify({ ...context, data: { ...data, record } });
}
