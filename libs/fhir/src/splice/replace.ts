/** A part of a text, [start, end), and the JSON that stands in its place. `start` = `end` inserts. */
export interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly json: string;
}

/** A value that is put where a string literal is: bytes from the start of the resource, and the new value. */
export type ReferenceEdit = readonly [start: number, length: number, value: string];

const ASCII = /^[\x20-\x7e]*$/;
/** Needs no escape in JSON and is ASCII. */
const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

/** A string as a JSON literal. */
export function literal(value: string): string {
  return PLAIN.test(value) ? `"${value}"` : JSON.stringify(value);
}

/** The resolved references as replacements. */
export function referenceReplacements(edits: readonly ReferenceEdit[]): Replacement[] {
  return edits.map(([start, length, value]) => ({ start, end: start + length, json: literal(value) }));
}

/**
 * Puts replacements into the order of the text and asserts that they do not overlap and lie in it.
 * @throws RangeError
 */
export function inOrder(replacements: Replacement[], textBytes: number): Replacement[] {
  // Stable: insertions at one place stay in the order in which they were given.
  replacements.sort((a, b) => a.start - b.start);
  let end = 0;
  for (const it of replacements) {
    if (!(it.start >= end && it.end >= it.start && it.end <= textBytes)) {
      throw new RangeError(
        `a replacement of the bytes ${it.start} to ${it.end} overlaps another or is outside the text`,
      );
    }
    end = it.end;
  }
  return replacements;
}

/** The text with the replacements in it and no other byte touched. */
export function replace(text: Buffer, replacements: Replacement[]): Buffer {
  // As Latin-1 a string has one character a byte, so bytes go through as they are, and joining strings is cheap.
  const source = text.toString('latin1');
  let result = '';
  let at = 0;
  for (const { start, end, json } of inOrder(replacements, text.length)) {
    result += source.slice(at, start) + bytesAsLatin1(json);
    at = end;
  }
  return Buffer.from(result + source.slice(at), 'latin1');
}

function bytesAsLatin1(json: string): string {
  return ASCII.test(json) ? json : Buffer.from(json).toString('latin1');
}
