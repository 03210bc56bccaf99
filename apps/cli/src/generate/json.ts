/**
 * A number written as it was measured: `1.50` is not `1.5` (FHIR keeps the precision of a decimal), and JavaScript
 * numbers cannot hold the difference. The text MUST be a JSON number.
 */
export class Decimal {
  constructor(readonly text: string) {}
}

/** A decimal with exactly `places` digits after the point. */
export function decimal(value: number, places: number): Decimal {
  return new Decimal(value.toFixed(places));
}

export type Json = string | number | boolean | Decimal | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json | undefined;
}

/**
 * Writes JSON with members in their order, members that are undefined left out, and each Decimal as its text.
 * `indent` 0 writes one line, otherwise so many spaces a level. Numbers MUST be whole: everything else is a Decimal.
 */
export function writeJson(value: Json, indent: number): string {
  return write(value, indent, '\n');
}

function write(value: Json, indent: number, lineBreak: string): string {
  if (typeof value === 'string') return writeString(value);
  if (typeof value === 'number') return writeWhole(value);
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (value instanceof Decimal) return value.text;
  const inner = indent === 0 ? '' : lineBreak + ' '.repeat(indent);
  const outer = indent === 0 ? '' : lineBreak;
  if (isArray(value)) {
    return `[${value.map((item) => inner + write(item, indent, inner)).join(',')}${value.length === 0 ? '' : outer}]`;
  }
  let members = '';
  const colon = indent === 0 ? ':' : ': ';
  for (const name in value) {
    const member = value[name];
    if (member === undefined) continue;
    members += `${members === '' ? '' : ','}${inner}"${name}"${colon}${write(member, indent, inner)}`;
  }
  return `{${members}${members === '' ? '' : outer}}`;
}

function isArray(value: readonly Json[] | JsonObject): value is readonly Json[] {
  return Array.isArray(value);
}

function writeWhole(value: number): string {
  if (!Number.isSafeInteger(value)) throw new TypeError(`${value} is not whole: write it as a Decimal`);
  return String(value);
}

// eslint-disable-next-line no-control-regex -- these are the characters that JSON must escape
const NEEDS_ESCAPE = /["\\\u0000-\u001f]/;

function writeString(text: string): string {
  return NEEDS_ESCAPE.test(text) ? JSON.stringify(text) : `"${text}"`;
}
