import { FormatError } from './format-error.js';

/** With the `u` flag a surrogate that has its partner is part of a code point, so only a lone one matches. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * The canonical form of a JSON value, RFC 8785: no white space, keys in the order of their UTF-16 code units, numbers and
 * strings as ECMAScript prints them. As in JSON.stringify, a key whose value is undefined is left out.
 * @throws FormatError json_not_canonical for what JSON or I-JSON cannot say: NaN, an infinity, a lone surrogate, a
 *   bigint, a function, undefined outside an object.
 */
export function canonicalize(value: unknown): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return canonicalNumber(value);
  if (typeof value === 'string') return canonicalString(value);
  if (Array.isArray(value)) return `[${value.map(canonicalize).join(',')}]`;
  if (typeof value === 'object') return canonicalObject(value as Record<string, unknown>);
  throw new FormatError('json_not_canonical', `JSON has no ${typeof value}`);
}

/** RFC 8785 section 3.2.2.3. */
function canonicalNumber(value: number): string {
  if (!Number.isFinite(value)) throw new FormatError('json_not_canonical', `JSON has no ${value}`);
  return JSON.stringify(value);
}

/** RFC 8785 section 3.2.2.2. */
function canonicalString(value: string): string {
  if (LONE_SURROGATE.test(value)) throw new FormatError('json_not_canonical', 'a string holds a lone surrogate');
  return JSON.stringify(value);
}

/** RFC 8785 section 3.2.3; the default order of Array.sort is by UTF-16 code unit. */
function canonicalObject(value: Record<string, unknown>): string {
  const members = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort()
    .map((key) => `${canonicalString(key)}:${canonicalize(value[key])}`);
  return `{${members.join(',')}}`;
}
