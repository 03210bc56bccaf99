const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * The bytes by which JSON (RFC 8259) is structured. A file that reads bytes takes them as constants of its own
 * (`const { QUOTE } = BYTES`): V8 folds those into the code, where an imported binding costs a load at each use (a
 * tenth of the whole scan).
 */
export const BYTES = {
  QUOTE,
  BACKSLASH,
  COMMA: 0x2c,
  COLON: 0x3a,
  OPEN_BRACE: 0x7b,
  CLOSE_BRACE: 0x7d,
  OPEN_BRACKET: 0x5b,
  CLOSE_BRACKET: 0x5d,
  MINUS: 0x2d,
  /** The first byte that is no control character, and the highest of the four whitespace bytes. */
  SPACE,
  /** 1 for a byte that goes on in a string: no quote, backslash or control character. One load for three comparisons. */
  IN_STRING: Uint8Array.from({ length: 256 }, (_, byte) =>
    Number(byte >= SPACE && byte !== QUOTE && byte !== BACKSLASH),
  ),
} as const;

/** The first position from `at` on that is no insignificant whitespace; the text's length when there is none. */
export function skipSpace(text: Uint8Array, at: number): number {
  let byte = text[at]!;
  while (byte <= SPACE && (byte === SPACE || byte === LINE_FEED || byte === CARRIAGE_RETURN || byte === TAB)) {
    byte = text[++at]!;
  }
  return at;
}
