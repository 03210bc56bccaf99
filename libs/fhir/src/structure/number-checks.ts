/**
 * The number-shaped primitive types of FHIR R4 (datatypes.html#integer). Each takes the bytes `text[start, end)` of a
 * JSON number that is well-formed already.
 */

const MINUS = 0x2d;
const MAX_INTEGER = 2_147_483_647;
/** Digits of the largest integer: more would lose precision below. */
const MAX_DIGITS = 10;

/** The number that the digits write, NaN where it has a fraction, an exponent or too many digits. */
function digits(text: Uint8Array, start: number, end: number): number {
  if (end - start > MAX_DIGITS) return NaN;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = text[at]! - 0x30;
    if (digit < 0 || digit > 9) return NaN;
    value = value * 10 + digit;
  }
  return value;
}

/** 32 bits, signed; no fraction, no exponent, no minus zero. */
export function isInteger(text: Uint8Array, start: number, end: number): boolean {
  if (text[start] !== MINUS) return digits(text, start, end) <= MAX_INTEGER;
  const value = digits(text, start + 1, end);
  return value >= 1 && value <= MAX_INTEGER + 1;
}

export function isUnsignedInt(text: Uint8Array, start: number, end: number): boolean {
  return digits(text, start, end) <= MAX_INTEGER;
}

export function isPositiveInt(text: Uint8Array, start: number, end: number): boolean {
  const value = digits(text, start, end);
  return value >= 1 && value <= MAX_INTEGER;
}

/** Any JSON number: R4 datatypes.html#decimal has the same grammar. */
export function isDecimal(): boolean {
  return true;
}
