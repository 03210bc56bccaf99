import { BYTES, skipSpace } from './bytes.js';
import { beginsNumber, endOfNumber, endOfWord } from './json-literal.js';
import { closeOf, decodeString, endOfString } from './json-string.js';
import { Unreadable } from './unreadable.js';

const { CLOSE_BRACE, CLOSE_BRACKET, COLON, COMMA, OPEN_BRACE, OPEN_BRACKET, QUOTE } = BYTES;

/** Members of an object whose names must be kept to find a duplicate. No FHIR object has a hundredth of it. */
export const MAX_UNKNOWN_MEMBERS = 10_000;

/**
 * The end (exclusive) of the JSON value at `start`, of which nothing is known but that it must be well-formed JSON
 * without duplicate names.
 * @param depth levels that are open around the value.
 * @throws Unreadable
 */
export function skipValue(text: Buffer, start: number, depth: number, maxDepth: number): number {
  const byte = text[start]!;
  if (byte === QUOTE) return closeOf(endOfString(text, start + 1)) + 1;
  if (byte === OPEN_BRACE) return skipObject(text, start, depth + 1, maxDepth);
  if (byte === OPEN_BRACKET) return skipArray(text, start, depth + 1, maxDepth);
  return beginsNumber(byte) ? endOfNumber(text, start) : endOfWord(text, start);
}

function skipObject(text: Buffer, open: number, depth: number, maxDepth: number): number {
  assertDepth(depth, maxDepth, open);
  let at = skipSpace(text, open + 1);
  if (text[at] === CLOSE_BRACE) return at + 1;
  const names = new Set<string>();
  for (;;) {
    assertName(text, at);
    const end = endOfString(text, at + 1);
    addName(names, decodeString(text, at + 1, closeOf(end), end < 0), at);
    at = skipValue(text, skipColon(text, closeOf(end) + 1), depth, maxDepth);
    at = skipSpace(text, at);
    if (text[at] === CLOSE_BRACE) return at + 1;
    at = skipSpace(text, skipComma(text, at, '}'));
  }
}

function skipArray(text: Buffer, open: number, depth: number, maxDepth: number): number {
  assertDepth(depth, maxDepth, open);
  let at = skipSpace(text, open + 1);
  if (text[at] === CLOSE_BRACKET) return at + 1;
  for (;;) {
    at = skipSpace(text, skipValue(text, at, depth, maxDepth));
    if (text[at] === CLOSE_BRACKET) return at + 1;
    at = skipSpace(text, skipComma(text, at, ']'));
  }
}

/** Adds a name that no table knows to those that the object has. */
export function addName(names: Set<string>, name: string, at: number): void {
  if (names.has(name)) throw duplicateName(at);
  if (names.size === MAX_UNKNOWN_MEMBERS) {
    throw new Unreadable(at, `An object has more than ${MAX_UNKNOWN_MEMBERS} members: send less`, 'too-costly');
  }
  names.add(name);
}

export function duplicateName(at: number): Unreadable {
  return new Unreadable(at, 'The object has this name twice: send each name once (R4 json.html)', 'invalid');
}

export function assertName(text: Uint8Array, at: number): void {
  if (text[at] !== QUOTE) throw new Unreadable(at, 'A name in double quotes is expected here');
}

export function assertDepth(depth: number, maxDepth: number, at: number): void {
  if (depth > maxDepth) {
    throw new Unreadable(at, `The text is nested deeper than ${maxDepth} levels: send it flatter`, 'too-costly');
  }
}

/** The position of the value after the colon that must come after a name. */
export function skipColon(text: Uint8Array, at: number): number {
  const colon = skipSpace(text, at);
  if (text[colon] !== COLON) throw new Unreadable(colon, 'A colon is expected here');
  return skipSpace(text, colon + 1);
}

/** The position after the comma that must be at `at`, since the object or array does not end there. */
export function skipComma(text: Uint8Array, at: number, close: string): number {
  if (text[at] !== COMMA) throw new Unreadable(at, `A comma or ${close} is expected here`);
  return at + 1;
}
