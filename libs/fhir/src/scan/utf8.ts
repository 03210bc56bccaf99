import { isUtf8 } from 'node:buffer';
import { Unreadable } from './unreadable.js';

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Asserts that a text is UTF-8 (RFC 3629; surrogates are not) and begins without a byte order mark
 * (RFC 8259 section 8.1).
 * @throws Unreadable
 */
export function assertUtf8(text: Buffer): void {
  if (text.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK)) {
    throw new Unreadable(0, 'A byte order mark must not stand before JSON: leave it out');
  }
  if (!isUtf8(text)) throw new Unreadable(validPrefix(text), 'The bytes are not UTF-8: send the text as UTF-8');
}

/** Bytes of the longest UTF-8 sequence. */
const LONGEST = 4;

/** How many bytes from the start are UTF-8, by halving. */
function validPrefix(text: Buffer): number {
  let valid = 0;
  let invalid = text.length;
  while (invalid - valid > LONGEST) {
    const middle = startOfSequence(text, (valid + invalid) >> 1);
    if (middle > valid && isUtf8(text.subarray(valid, middle))) valid = middle;
    else if (middle > valid) invalid = middle;
    else break;
  }
  while (valid < invalid) {
    const length = [1, 2, 3, 4].find((bytes) => isUtf8(text.subarray(valid, Math.min(valid + bytes, text.length))));
    if (length === undefined) break;
    valid += length;
  }
  return valid;
}

/** The last position up to `at` that does not continue a sequence. */
function startOfSequence(text: Buffer, at: number): number {
  let start = at;
  while (start > 0 && at - start < LONGEST && (text[start]! & 0xc0) === 0x80) start--;
  return start;
}
