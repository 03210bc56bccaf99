/** A part of a text, [start, end), and the JSON that stands in its place. `start` = `end` inserts. */
export interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly json: string;
}

/** A value that is put where a string literal is: bytes from the start of the resource, and the new value. */
export type ReferenceEdit = readonly [start: number, length: number, value: string];

/** Needs no escape in JSON and is ASCII. */
const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

/** A string as a JSON literal. */
export function literal(value: string): string {
  return PLAIN.test(value) ? `"${value}"` : JSON.stringify(value);
}

/** The resolved references as replacements. */
export function referenceReplacements(edits: readonly ReferenceEdit[]): Replacement[] {
  return edits.map((edit) => ({ start: edit[0], end: edit[0] + edit[1], json: literal(edit[2]) }));
}

/**
 * Puts replacements into the order of the text and asserts that they do not overlap and lie in it.
 * @throws RangeError
 */
export function inOrder(replacements: readonly Replacement[], textBytes: number): readonly Replacement[] {
  // Stable: insertions at one place stay in the order in which they were given.
  const ordered = isOrdered(replacements) ? replacements : replacements.toSorted((a, b) => a.start - b.start);
  let end = 0;
  for (const it of ordered) {
    if (!(it.start >= end && it.end >= it.start && it.end <= textBytes)) {
      throw new RangeError(
        `a replacement of the bytes ${it.start} to ${it.end} overlaps another or is outside the text`,
      );
    }
    end = it.end;
  }
  return ordered;
}

function isOrdered(replacements: readonly Replacement[]): boolean {
  for (let index = 1; index < replacements.length; index++) {
    if (replacements[index]!.start < replacements[index - 1]!.start) return false;
  }
  return true;
}

/** The text with the replacements in it and no other byte touched. */
export function replace(text: Buffer, replacements: readonly Replacement[]): Buffer {
  const ordered = inOrder(replacements, text.length);
  const grown = ordered.reduce((bytes, it) => bytes + Buffer.byteLength(it.json) - (it.end - it.start), 0);
  const target = Buffer.allocUnsafe(text.length + grown);
  let from = 0;
  let at = 0;
  for (const { start, end, json } of ordered) {
    at += text.copy(target, at, from, start);
    at += target.write(json, at);
    from = end;
  }
  text.copy(target, at, from);
  return target;
}
