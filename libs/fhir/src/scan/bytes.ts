/** The bytes by which JSON (RFC 8259) is structured, and the whitespace between them. */

export const QUOTE = 0x22;
export const BACKSLASH = 0x5c;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const OPEN_BRACE = 0x7b;
export const CLOSE_BRACE = 0x7d;
export const OPEN_BRACKET = 0x5b;
export const CLOSE_BRACKET = 0x5d;
export const MINUS = 0x2d;
/** The first byte that is no control character, and the highest of the four whitespace bytes. */
export const SPACE = 0x20;

const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** The first position from `at` on that is no insignificant whitespace; the text's length when there is none. */
export function skipSpace(text: Uint8Array, at: number): number {
  let byte = text[at]!;
  while (byte <= SPACE && (byte === SPACE || byte === LINE_FEED || byte === CARRIAGE_RETURN || byte === TAB)) {
    byte = text[++at]!;
  }
  return at;
}
