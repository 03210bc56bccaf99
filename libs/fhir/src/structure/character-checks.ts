/**
 * The string-shaped primitive types of FHIR R4 (datatypes.html#primitive) as checks of UTF-8 bytes. Each takes the
 * decoded content `text[start, end)` without quotes and says whether it is a value of the type.
 */

/** R4 datatypes.html#string: strings SHALL NOT exceed 1 MB, counted in characters. */
export const MAX_STRING_CHARACTERS = 1024 * 1024;
const MAX_ID_CHARACTERS = 64;

const SPACE = 0x20;
const PLUS = 0x2b;
const DASH = 0x2d;
const DOT = 0x2e;
const SLASH = 0x2f;
const EQUALS = 0x3d;
const UUID_CHARACTERS = 45;

/** Whitespace as regular expressions of XML Schema have it: `\s`. */
function isSpace(byte: number): boolean {
  return byte <= SPACE && (byte === SPACE || byte === 0x0a || byte === 0x0d || byte === 0x09);
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function isLetter(byte: number): boolean {
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}

/** string, markdown: not empty, at most 1,048,576 characters. */
export function isString(text: Uint8Array, start: number, end: number): boolean {
  const bytes = end - start;
  return bytes > 0 && (bytes <= MAX_STRING_CHARACTERS || characters(text, start, end) <= MAX_STRING_CHARACTERS);
}

function characters(text: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at++) if ((text[at]! & 0xc0) !== 0x80) count++;
  return count;
}

/** uri, url, canonical: `\S*`, and not empty as no FHIR string is. */
export function isUri(text: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (isSpace(text[at]!)) return false;
  return end > start;
}

/** code: `[^\s]+(\s[^\s]+)*`, so single whitespace inside only. */
export function isCode(text: Uint8Array, start: number, end: number): boolean {
  let afterSpace = true;
  for (let at = start; at < end; at++) {
    const space = isSpace(text[at]!);
    if (space && afterSpace) return false;
    afterSpace = space;
  }
  return !afterSpace;
}

/** id: `[A-Za-z0-9\-\.]{1,64}`. */
export function isId(text: Uint8Array, start: number, end: number): boolean {
  if (end <= start || end - start > MAX_ID_CHARACTERS) return false;
  for (let at = start; at < end; at++) {
    const byte = text[at]!;
    if (!isDigit(byte) && !isLetter(byte) && byte !== DASH && byte !== DOT) return false;
  }
  return true;
}

const OID = /^urn:oid:[0-2](\.(0|[1-9][0-9]*))+$/;
const UUID = /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const OID_MAX_CHARACTERS = 1024;

/** oid and uuid are rare: a regular expression will do. */
export function isOid(text: Uint8Array, start: number, end: number): boolean {
  return end - start <= OID_MAX_CHARACTERS && OID.test(latin1(text, start, end));
}

export function isUuid(text: Uint8Array, start: number, end: number): boolean {
  return end - start === UUID_CHARACTERS && UUID.test(latin1(text, start, end));
}

function latin1(text: Uint8Array, start: number, end: number): string {
  return Buffer.from(text.buffer, text.byteOffset + start, end - start).toString('latin1');
}

/** base64Binary: RFC 4648 section 4 with padding; whitespace may stand anywhere (R4 datatypes.html#base64Binary). */
export function isBase64(text: Uint8Array, start: number, end: number): boolean {
  let digits = 0;
  let padding = 0;
  for (let at = start; at < end; at++) {
    const byte = text[at]!;
    if (isSpace(byte)) continue;
    if (byte === EQUALS) padding++;
    else if (padding > 0 || !(isLetter(byte) || isDigit(byte) || byte === PLUS || byte === SLASH)) return false;
    digits++;
  }
  return digits > 0 && digits % 4 === 0 && padding <= 2;
}

const DIV = Buffer.from('<div');

/** xhtml: a div element (R4 narrative.html#xhtml). Whitespace before it is not significant. */
export function isXhtml(text: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at < end && isSpace(text[at]!)) at++;
  return at + DIV.length < end && DIV.every((byte, offset) => text[at + offset] === byte);
}
