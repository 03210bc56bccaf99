import { ROLE, type Member } from '../structure/type-table.js';
import { type Finding } from './finding.js';
import { decodeString } from './json-string.js';
import { type Located, type ScannedResource } from './scanned.js';

const { LINK, REFERENCE, RESOURCE_ID } = ROLE;

/** Gathers what a ScannedResource says while the resource is being read. */
export class ResourceNotes {
  readonly #references: Located[] = [];
  readonly #links: Located[] = [];
  #id: string | undefined;

  constructor(
    readonly type: string,
    readonly start: number,
    /** The level of the resource's object: the members of contained resources are deeper. */
    readonly level: number,
  ) {}

  /** Notes the string literal [quote, close] of a member with a role. `path` is the resource's member that holds it. */
  note(
    text: Buffer,
    member: Member,
    quote: number,
    close: number,
    escaped: boolean,
    level: number,
    path: string,
  ): void {
    const { role } = member;
    if (role === REFERENCE) {
      this.#references.push(this.#located(decodeString(text, quote + 1, close, escaped), quote, close, path));
    } else if (role === RESOURCE_ID) {
      if (level === this.level) this.#id = decodeString(text, quote + 1, close, escaped);
    } else if (role === LINK && (escaped || startsWithUrn(text, quote + 1))) {
      const value = decodeString(text, quote + 1, close, escaped);
      if (REWRITTEN.test(value)) this.#links.push(this.#located(value, quote, close, path));
    }
  }

  #located(value: string, quote: number, close: number, path: string): Located {
    return { start: quote - this.start, end: close + 1 - this.start, value, path };
  }

  finish(end: number, findings: readonly Finding[]): ScannedResource {
    const { type, start } = this;
    const id = this.#id;
    const notes = { findings, references: this.#references, links: this.#links };
    return id === undefined ? { type, start, end, ...notes } : { type, start, end, id, ...notes };
  }
}

/** R4 datatypes.html#uuid and #oid: what may name an entry of the same Bundle. */
const REWRITTEN = /^urn:(uuid|oid):/;

function startsWithUrn(text: Uint8Array, at: number): boolean {
  return text[at] === 0x75 && text[at + 1] === 0x72 && text[at + 2] === 0x6e && text[at + 3] === 0x3a;
}
