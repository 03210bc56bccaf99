import { BYTES } from './bytes.js';
import { Unreadable } from './unreadable.js';

const { MINUS } = BYTES;

const DOT = 0x2e;
const PLUS = 0x2b;
const ZERO = 0x30;
const NINE = 0x39;
const LOWER_E = 0x65;

const [TRUE, FALSE, NULL] = ['true', 'false', 'null'].map((word) => Buffer.from(word)) as [Buffer, Buffer, Buffer];

/** Whether a JSON number begins with this byte. */
export function beginsNumber(byte: number): boolean {
  return (byte >= ZERO && byte <= NINE) || byte === MINUS;
}

/**
 * The end (exclusive) of the JSON number at `start` (RFC 8259 section 6).
 * @throws Unreadable when there is none.
 */
export function endOfNumber(text: Uint8Array, start: number): number {
  let at = text[start] === MINUS ? start + 1 : start;
  at = text[at] === ZERO ? at + 1 : endOfDigits(text, at);
  if (text[at] === DOT) at = endOfDigits(text, at + 1);
  if ((text[at]! | 0x20) === LOWER_E) {
    const sign = text[at + 1];
    at = endOfDigits(text, sign === PLUS || sign === MINUS ? at + 2 : at + 1);
  }
  return at;
}

function endOfDigits(text: Uint8Array, start: number): number {
  let at = start;
  while (text[at]! >= ZERO && text[at]! <= NINE) at++;
  if (at === start) throw new Unreadable(at, 'A digit is expected here (RFC 8259 section 6)');
  return at;
}

/**
 * The end (exclusive) of the true, false or null at `start`.
 * @throws Unreadable when there is none of them, which means that there is no JSON value.
 */
export function endOfWord(text: Uint8Array, start: number): number {
  const word = text[start] === TRUE[0] ? TRUE : text[start] === FALSE[0] ? FALSE : NULL;
  for (let index = 0; index < word.length; index++) {
    if (text[start + index] !== word[index]) throw new Unreadable(start, 'A JSON value is expected here');
  }
  return start + word.length;
}
