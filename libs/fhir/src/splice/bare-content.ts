import { BYTES, skipSpace } from '../scan/bytes.js';
import { closeOf, endOfString } from '../scan/json-string.js';
import { ID, LAST_UPDATED, META, VERSION_ID } from './marks.js';
import { eachMember, openBrace, type Place } from './members.js';
import { inOrder, referenceReplacements, type ReferenceEdit, type Replacement } from './replace.js';
import { type Edits } from './splice.js';

const { COLON, COMMA, CLOSE_BRACE, OPEN_BRACE, QUOTE, SPACE } = BYTES;

/**
 * What a received text says: its bytes without insignificant whitespace and without what the server sets (`id`,
 * `meta.versionId`, `meta.lastUpdated`, and a meta that has nothing else), and with the references that were resolved.
 * Numbers, the order of members and the escapes in strings stay as they were written.
 * @param received as for `splice`.
 */
export function bareContent(received: Buffer, references: readonly ReferenceEdit[]): Buffer {
  const replacements = inOrder(referenceReplacements(references), received.length);
  const room = replacements.reduce((bytes, it) => bytes + Buffer.byteLength(it.json), received.length);
  const copy = new CompactCopy(received, replacements, Buffer.allocUnsafe(room));
  copy.byte(OPEN_BRACE);
  let first = true;
  eachMember(received, openBrace(received), (place, is) => {
    if (is(ID)) return true;
    if (is(META)) first = !copyMeta(copy, received, place, first) && first;
    else first = !copy.member(place, first);
    return true;
  });
  copy.byte(CLOSE_BRACE);
  return copy.bytes();
}

/** Whether two received texts say the same (see `bareContent`): then the second is no new version of the first. */
export function sameContent(a: Buffer, aEdits: ResolvedReferences, b: Buffer, bEdits: ResolvedReferences): boolean {
  return bareContent(a, aEdits.references).equals(bareContent(b, bEdits.references));
}

type ResolvedReferences = Pick<Edits, 'references'>;

/** Copies meta without the two values; copies nothing and gives false when nothing is left. */
function copyMeta(copy: CompactCopy, text: Buffer, meta: Place, first: boolean): boolean {
  if (text[meta.start] !== OPEN_BRACE) return copy.member(meta, first);
  let empty = true;
  eachMember(text, meta.start, (place, is) => {
    if (is(VERSION_ID) || is(LAST_UPDATED)) return true;
    if (empty) {
      copy.name(meta, first);
      copy.byte(OPEN_BRACE);
    }
    empty = !copy.member(place, empty);
    return true;
  });
  if (!empty) copy.byte(CLOSE_BRACE);
  return !empty;
}

/** Copies parts of a text without insignificant whitespace, in the order of the text. */
class CompactCopy {
  #at = 0;
  #next = 0;

  constructor(
    readonly text: Buffer,
    readonly replacements: readonly Replacement[],
    readonly target: Buffer,
  ) {}

  byte(byte: number): void {
    this.target[this.#at++] = byte;
  }

  name(member: Place, first: boolean): void {
    if (!first) this.byte(COMMA);
    this.#string(member.name, closeOf(endOfString(this.text, member.name + 1)) + 1);
    this.byte(COLON);
  }

  /** Copies a member, with a comma before it when it is not the first. Gives true. */
  member(member: Place, first: boolean): true {
    this.name(member, first);
    this.#value(member.start, member.end);
    return true;
  }

  bytes(): Buffer {
    return this.target.subarray(0, this.#at);
  }

  /** Copies a value. The positions are locals: fields would be loaded and stored for every byte. */
  #value(start: number, end: number): void {
    const { text, target, replacements } = this;
    while (this.#next < replacements.length && replacements[this.#next]!.start < start) this.#next++;
    let replaced = replacements[this.#next]?.start ?? Infinity;
    let to = this.#at;
    let at = start;
    while (at < end) {
      const byte = text[at]!;
      if (at === replaced) {
        const { end: next, json } = replacements[this.#next++]!;
        to += target.write(json, to);
        at = next;
        replaced = replacements[this.#next]?.start ?? Infinity;
      } else if (byte === QUOTE) {
        const next = closeOf(endOfString(text, at + 1)) + 1;
        while (at < next) target[to++] = text[at++]!;
      } else if (byte <= SPACE) {
        at = skipSpace(text, at);
      } else {
        target[to++] = byte;
        at++;
      }
    }
    this.#at = to;
  }

  #string(start: number, end: number): void {
    const { text, target } = this;
    let to = this.#at;
    for (let at = start; at < end; at++) target[to++] = text[at]!;
    this.#at = to;
  }
}
