import { ROLE, type Member } from '../structure/type-table.js';
import { BYTES } from './bytes.js';
import { beginsNumber, endOfNumber, endOfWord } from './json-literal.js';
import { closeOf, decodeString, endOfString } from './json-string.js';
import { type Scan } from './scan-state.js';

const { NONE } = ROLE;
const { OPEN_BRACE, OPEN_BRACKET, QUOTE } = BYTES;

const NULL_LETTER = 0x6e;

/**
 * Reads the value at `start` of a member whose type is a primitive, checks it and notes it where it has a role.
 * @returns the end (exclusive) of the value.
 */
export function readPrimitive(scan: Scan, member: Member, start: number, level: number): number {
  const { text } = scan;
  const byte = text[start]!;
  const primitive = member.primitive!;
  if (byte === QUOTE) {
    const end = endOfString(text, start + 1);
    const close = closeOf(end);
    if (primitive.shape !== 'string') reportShape(scan, member, level);
    else {
      const ok = end < 0 ? checkDecoded(text, member, start, close) : primitive.check(text, start + 1, close);
      if (!ok) reportValue(scan, member, level);
      if (member.role !== NONE) note(scan, member, start, close, end < 0, level);
    }
    return close + 1;
  }
  if (beginsNumber(byte)) {
    const end = endOfNumber(text, start);
    if (primitive.shape !== 'number') reportShape(scan, member, level);
    else if (!primitive.check(text, start, end)) reportValue(scan, member, level);
    return end;
  }
  if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
    return scan.reject(start, level, 'structure', shapeMessage(member));
  }
  const end = endOfWord(text, start);
  if (byte === NULL_LETTER) reportNull(scan, member, level);
  else if (primitive.shape !== 'boolean') reportShape(scan, member, level);
  return end;
}

/** Whether there is a null, which an array of primitives may have (R4 json.html#primitive). */
export function isNull(text: Uint8Array, at: number): boolean {
  return text[at] === NULL_LETTER;
}

/** R4 datatypes.html#string: no character below 32 but tab, line feed and carriage return, escaped or not. */
function isForbidden(byte: number): boolean {
  return byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d;
}

function checkDecoded(text: Buffer, member: Member, quote: number, close: number): boolean {
  const bytes = Buffer.from(decodeString(text, quote + 1, close, true));
  return !bytes.some(isForbidden) && member.primitive!.check(bytes, 0, bytes.length);
}

function note(scan: Scan, member: Member, quote: number, close: number, escaped: boolean, level: number): void {
  const { text, resource, bundle, names } = scan;
  if (resource) resource.note(text, member, quote, close, escaped, level, names[resource.level]!);
  else bundle?.note(member.name, decodeString(text, quote + 1, close, escaped), level, names[level - 1]);
}

function reportValue(scan: Scan, { typeName, primitive }: Member, level: number): void {
  scan.report(level, 'value', `The ${typeName} must be ${primitive!.rule}.`);
}

function reportShape(scan: Scan, member: Member, level: number): void {
  scan.report(level, 'structure', shapeMessage(member));
}

function reportNull(scan: Scan, member: Member, level: number): void {
  scan.report(level, 'structure', `null says nothing here: leave ${member.name} out (R4 json.html#null).`);
}

function shapeMessage({ typeName, primitive }: Member): string {
  return `The ${typeName} must be a JSON ${primitive!.shape}.`;
}
