import { type Deidentified } from '../deidentify/deidentification.js';

/** Says of an answer that it is de-identified, and how. */
export const DEIDENTIFIED_HEADER = 'Chartledger-Deidentified';

/** More would make a header too long for some clients; the number of all is there as well. */
const MAX_NAMED = 40;

/** A Dictionary of RFC 9651, such as `policy=safe-harbor, project="p", dates=year, at="2026-11-22"`. */
export function deidentifiedText({ name, dates, at, omitted }: Deidentified): string {
  const columns = omitted.slice(0, MAX_NAMED).map((column) => `"${column}"`);
  return [
    `policy=${policyOf(dates)}`,
    `project="${name}"`,
    `dates=${dates}`,
    `at="${at}"`,
    ...(omitted.length > 0 ? [`omitted=${omitted.length}`, `columns=(${columns.join(' ')})`] : []),
  ].join(', ');
}

/** Safe Harbor allows no day of a person, moved or not (45 CFR 164.514(b)(2)(i)(C)). */
export function policyOf(dates: Deidentified['dates']): string {
  return dates === 'year' ? 'safe-harbor' : 'safe-harbor-but-shifted-dates';
}

export function deidentifiedHeader(deidentified: Deidentified | undefined): Record<string, string> {
  return deidentified ? { [DEIDENTIFIED_HEADER]: deidentifiedText(deidentified) } : {};
}
