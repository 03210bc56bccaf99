import { BYTES } from './bytes.js';
import { Unreadable } from './unreadable.js';

const { BACKSLASH, IN_STRING, QUOTE, SPACE } = BYTES;

/**
 * The end of a JSON string whose content begins at `start`: the position of the closing quote, or its bitwise
 * complement (a negative number) when the content has escapes. The text MUST be valid UTF-8.
 * @throws Unreadable for a bad escape, a control character, a lone surrogate or a missing end.
 */
export function endOfString(text: Uint8Array, start: number): number {
  const end = text.length;
  for (let at = start; at < end; at++) {
    const byte = text[at]!;
    if (IN_STRING[byte] !== 0) continue;
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH) return ~endOfEscapedString(text, at);
    throw controlCharacter(at);
  }
  throw new Unreadable(end, 'The text ends inside a string: send all of it');
}

/** The position of the closing quote, whatever `endOfString` gave. */
export function closeOf(endOfString: number): number {
  return endOfString < 0 ? ~endOfString : endOfString;
}

/** The content between the quotes, decoded. MUST have passed `endOfString`. */
export function decodeString(text: Buffer, start: number, close: number, escaped: boolean): string {
  if (escaped) return JSON.parse(text.toString('utf8', start - 1, close + 1)) as string;
  return text.toString('utf8', start, close);
}

function endOfEscapedString(text: Uint8Array, start: number): number {
  const end = text.length;
  let at = start;
  while (at < end) {
    const byte = text[at]!;
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH) at = endOfEscape(text, at);
    else if (byte < SPACE) throw controlCharacter(at);
    else at++;
  }
  throw new Unreadable(end, 'The text ends inside a string: send all of it');
}

const U = 0x75;
const SIMPLE_ESCAPES: ReadonlySet<number> = new Set(Buffer.from('"\\/bfnrt'));

function endOfEscape(text: Uint8Array, at: number): number {
  const letter = text[at + 1]!;
  if (SIMPLE_ESCAPES.has(letter)) return at + 2;
  const unit = codeUnit(text, at);
  if (unit < 0xd800 || unit > 0xdfff) return at + 6;
  // RFC 8259 section 8.2: half of a surrogate pair is no character, and no UTF-8 can carry it.
  const second = unit < 0xdc00 && text[at + 6] === BACKSLASH && text[at + 7] === U ? codeUnit(text, at + 6) : 0;
  if (second >= 0xdc00 && second <= 0xdfff) return at + 12;
  throw new Unreadable(at, 'A lone surrogate is no character: escape both halves of the pair');
}

/** The code unit of the escape `\uXXXX` at `at`. */
function codeUnit(text: Uint8Array, at: number): number {
  let unit = text[at + 1] === U ? 0 : NaN;
  for (let index = at + 2; index < at + 6; index++) unit = unit * 16 + hexDigit(text[index]!);
  if (Number.isNaN(unit)) throw new Unreadable(at, 'A backslash must begin one of the escapes of RFC 8259 section 7');
  return unit;
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : NaN;
}

function controlCharacter(at: number): Unreadable {
  return new Unreadable(at, 'A control character must be escaped inside a string (RFC 8259 section 7)');
}
