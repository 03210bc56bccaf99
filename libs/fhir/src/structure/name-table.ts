/**
 * A hash table from names to values that is asked with the bytes of a JSON text, so that a scanner needs no string for
 * a key. The caller folds the bytes with `hashStep` while it looks for the closing quote.
 */

/** Folds one byte into a hash that began at 0: a rotation and an exclusive or, two cycles a byte. */
export function hashStep(hash: number, byte: number): number {
  return ((hash << 5) | (hash >>> 27)) ^ byte;
}

/** Spreads the bits of a hash over the low ones, by the golden ratio (Knuth, TAOCP 6.4). */
function spread(hash: number): number {
  return Math.imul(hash, 0x9e3779b1) >>> 16;
}

export function hashOf(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let hash = 0;
  for (let at = start; at < end; at++) hash = hashStep(hash, bytes[at]!);
  return hash;
}

export function sameBytes(name: Uint8Array, text: Uint8Array, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let at = 0; at < name.length; at++) if (name[at] !== text[start + at]) return false;
  return true;
}

/** Slots for each name: with a quarter filled nearly every look-up ends at the first slot. */
const SLOTS_PER_NAME = 4;

export class NameTable<T> {
  // Parallel arrays, so that the look-up runs the same machine code whatever T is.
  readonly #hashes: Int32Array;
  readonly #names: (Uint8Array | undefined)[];
  readonly #values: (T | undefined)[];
  readonly #mask: number;

  /** @param entries names, each once, with their values. */
  constructor(entries: readonly (readonly [name: string, value: T])[]) {
    const slots = 2 ** Math.ceil(Math.log2(Math.max(1, entries.length) * SLOTS_PER_NAME));
    this.#mask = slots - 1;
    this.#hashes = new Int32Array(slots);
    this.#names = new Array<Uint8Array | undefined>(slots).fill(undefined);
    this.#values = new Array<T | undefined>(slots).fill(undefined);
    for (const [name, value] of entries) this.#add(Buffer.from(name), value);
  }

  #add(name: Uint8Array, value: T): void {
    const hash = hashOf(name);
    let slot = spread(hash) & this.#mask;
    while (this.#names[slot] !== undefined) slot = (slot + 1) & this.#mask;
    this.#hashes[slot] = hash;
    this.#names[slot] = name;
    this.#values[slot] = value;
  }

  /** The value of the name whose UTF-8 bytes are `text[start, end)` and whose hash is `hash`. */
  find(text: Uint8Array, start: number, end: number, hash: number): T | undefined {
    let slot = spread(hash) & this.#mask;
    for (;;) {
      const name = this.#names[slot];
      if (name === undefined) return undefined;
      if (this.#hashes[slot] === hash && sameBytes(name, text, start, end)) return this.#values[slot];
      slot = (slot + 1) & this.#mask;
    }
  }
}
