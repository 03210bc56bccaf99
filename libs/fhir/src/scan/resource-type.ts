import { BYTES, skipSpace } from './bytes.js';
import { closeOf, decodeString, endOfString } from './json-string.js';
import { skipLoosely } from './skip-loosely.js';
import { sameBytes } from '../structure/name-table.js';

const { COLON, COMMA, QUOTE } = BYTES;

const RESOURCE_TYPE = Buffer.from('resourceType');
export const NOT_FOUND = -1;

/**
 * The position of the opening quote of the `resourceType` of the object at `open`; NOT_FOUND when it has none or is no
 * JSON. It is nearly always the first member; where it is not, the members before it are skipped without a look at
 * what they are, since they are read again.
 */
export function findResourceType(text: Buffer, open: number): number {
  let at = skipSpace(text, open + 1);
  while (text[at] === QUOTE) {
    const end = endOfString(text, at + 1);
    const colon = skipSpace(text, closeOf(end) + 1);
    if (text[colon] !== COLON) return NOT_FOUND;
    const value = skipSpace(text, colon + 1);
    if (isResourceType(text, at + 1, end)) return text[value] === QUOTE ? value : NOT_FOUND;
    const comma = skipLoosely(text, value);
    if (text[comma] !== COMMA) return NOT_FOUND;
    at = skipSpace(text, comma + 1);
  }
  return NOT_FOUND;
}

function isResourceType(text: Buffer, start: number, end: number): boolean {
  if (end >= 0) return sameBytes(RESOURCE_TYPE, text, start, end);
  return decodeString(text, start, ~end, true) === 'resourceType';
}
