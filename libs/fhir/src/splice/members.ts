import { BYTES, skipSpace } from '../scan/bytes.js';
import { closeOf, decodeString, endOfString } from '../scan/json-string.js';
import { skipColon } from '../scan/skip-value.js';
import { skipLoosely } from '../scan/skip-loosely.js';
import { sameBytes } from '../structure/name-table.js';

const { CLOSE_BRACE, COMMA, OPEN_BRACE, QUOTE } = BYTES;

/** A member of a JSON object, as positions in the text. */
export interface Place {
  /** The opening quote of the name. */
  readonly name: number;
  /** The value: [start, end). */
  readonly start: number;
  readonly end: number;
}

/** Visits the members of an object in order until a visit gives false. `is` says whether the member has a name. */
export type Visit = (place: Place, is: (name: Buffer) => boolean) => boolean;

/** @param open the position of the object's brace in a text that MUST be readable JSON. */
export function eachMember(text: Buffer, open: number, visit: Visit): void {
  let at = skipSpace(text, open + 1);
  while (text[at] === QUOTE) {
    const name = at;
    const close = endOfString(text, name + 1);
    const start = skipColon(text, closeOf(close) + 1);
    const next = skipLoosely(text, start);
    const is = (wanted: Buffer): boolean => isName(text, name + 1, close, wanted);
    if (!visit({ name, start, end: endOfValue(text, next) }, is)) return;
    if (text[next] !== COMMA) return;
    at = skipSpace(text, next + 1);
  }
}

/** The position of the brace of the object that is the whole text. */
export function openBrace(text: Buffer): number {
  const at = skipSpace(text, 0);
  if (text[at] !== OPEN_BRACE) throw new RangeError('the text is no JSON object: scan it before it is spliced');
  return at;
}

/** Whether the object at `open` has no member. */
export function isEmpty(text: Buffer, open: number): boolean {
  return text[skipSpace(text, open + 1)] === CLOSE_BRACE;
}

/** The end of the value before `next`, without the whitespace between. */
function endOfValue(text: Buffer, next: number): number {
  let end = next;
  while (text[end - 1]! <= 0x20) end--;
  return end;
}

function isName(text: Buffer, start: number, close: number, wanted: Buffer): boolean {
  if (close >= 0) return sameBytes(wanted, text, start, close);
  return decodeString(text, start, ~close, true) === wanted.toString();
}
