import { hashOf, hashStep } from '../structure/name-table.js';
import { type Member, type TypeTable } from '../structure/type-table.js';
import { BYTES } from './bytes.js';
import { closeOf, decodeString, endOfString } from './json-string.js';
import { type Scan } from './scan-state.js';

const { IN_STRING, QUOTE } = BYTES;

/**
 * Reads the name whose opening quote is at `quote` and leaves the position of its closing quote in `scan.nameEnd`.
 * @param before the member before it, undefined for the first (and after an unknown one).
 * @returns the member of that name; undefined when the type has none.
 */
export function readName(scan: Scan, table: TypeTable, before: Member | undefined, quote: number): Member | undefined {
  const { text } = scan;
  const guess = before === undefined ? table.first : before.next;
  if (guess !== undefined && isNamed(guess.bytes, text, quote + 1)) {
    scan.nameEnd = quote + 1 + guess.bytes.length;
    return guess;
  }
  const member = findName(scan, table, quote);
  if (before === undefined) table.first = member;
  else before.next = member;
  return member;
}

/** The name that ends at `scan.nameEnd`, decoded. */
export function nameAt(scan: Scan, quote: number): string {
  const end = endOfString(scan.text, quote + 1);
  return decodeString(scan.text, quote + 1, closeOf(end), end < 0);
}

function isNamed(name: Uint8Array, text: Uint8Array, start: number): boolean {
  for (let index = 0; index < name.length; index++) if (name[index] !== text[start + index]) return false;
  return text[start + name.length] === QUOTE;
}

function findName(scan: Scan, table: TypeTable, quote: number): Member | undefined {
  const { text } = scan;
  let hash = 0;
  let at = quote + 1;
  for (let byte = text[at]!; IN_STRING[byte] === 1; byte = text[++at]!) hash = hashStep(hash, byte);
  if (text[at] === QUOTE) {
    scan.nameEnd = at;
    return table.members.find(text, quote + 1, at, hash);
  }
  // Rare: the name has escapes, or is no string at all.
  scan.nameEnd = closeOf(endOfString(text, quote + 1));
  const name = Buffer.from(nameAt(scan, quote));
  return table.members.find(name, 0, name.length, hashOf(name));
}
