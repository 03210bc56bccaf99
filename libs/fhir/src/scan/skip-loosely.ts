import { BYTES } from './bytes.js';
import { closeOf, endOfString } from './json-string.js';

const { CLOSE_BRACE, CLOSE_BRACKET, COMMA, OPEN_BRACE, OPEN_BRACKET, QUOTE } = BYTES;

/**
 * The position after the value at `start` where the object or array that holds it goes on or ends: a comma or a
 * closing bracket, or the text's length. Brackets are only counted: for a text that is read again, or was read before.
 */
export function skipLoosely(text: Uint8Array, start: number): number {
  let open = 0;
  for (let at = start; at < text.length; at++) {
    const byte = text[at]!;
    if (byte === QUOTE) at = closeOf(endOfString(text, at + 1));
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) open++;
    else if (open === 0 && (byte === COMMA || byte === CLOSE_BRACE || byte === CLOSE_BRACKET)) return at;
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) open--;
  }
  return text.length;
}
