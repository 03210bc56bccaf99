import { FormatError } from './format-error.js';
import { HASH_BYTES, nodeHash, sha256 } from './hash.js';
import { sha256Into } from './hash-into.js';

/** The root of a tree without leaves, RFC 6962 section 2.1: SHA-256 of nothing. */
export const EMPTY_ROOT = sha256(Buffer.alloc(0));

/** A perfect subtree needs one slot per height; a safe integer has 53 bits. */
const HEIGHTS = 54;

/** Called for each node (leaves too, at height 0) as soon as the subtree under it is complete. `hash` is only lent. */
export type NodeVisitor = (height: number, hash: Buffer) => void;

/**
 * A Merkle tree of RFC 6962 reduced to its right edge: the roots of the perfect subtrees that its size is made of, one
 * for each 1 bit. That is all that is needed to append leaves and to know the root; memory does not grow with the tree.
 */
export class CompactRange {
  #size = 0;
  readonly #slots = Buffer.alloc(HEIGHTS * HASH_BYTES);
  /** 0x01 ‖ left ‖ right: the input of a node hash; `right` is also where the result is put. */
  readonly #input = Buffer.alloc(1 + 2 * HASH_BYTES, 1);
  readonly #carry = this.#input.subarray(1 + HASH_BYTES);

  constructor(private readonly visit?: NodeVisitor) {}

  /**
   * The tree of `size` leaves whose perfect subtrees have the roots `peaks`, the largest (leftmost) first.
   * @throws FormatError tile_malformed when a tree of that size has another number of them.
   */
  static restore(size: number, peaks: readonly Uint8Array[], visit?: NodeVisitor): CompactRange {
    const heights = peakHeights(size);
    if (heights.length !== peaks.length) {
      throw new FormatError('tile_malformed', `a tree of ${size} has ${heights.length} peaks, not ${peaks.length}`);
    }
    const range = new CompactRange(visit);
    heights.forEach((height, index) => range.#slots.set(peaks[index], height * HASH_BYTES));
    range.#size = size;
    return range;
  }

  get size(): number {
    return this.#size;
  }

  append(leaf: Uint8Array): void {
    this.#carry.set(leaf);
    this.#push();
  }

  /** Appends a leaf hash that stands in lower-case hex. */
  appendHex(leaf: string): void {
    this.#carry.write(leaf, 0, HASH_BYTES, 'hex');
    this.#push();
  }

  /** Appends leaf hashes that stand one after the other, as in a tile. */
  appendAll(leaves: Buffer): void {
    for (let at = 0; at < leaves.length; at += HASH_BYTES) this.append(leaves.subarray(at, at + HASH_BYTES));
  }

  #push(): void {
    let height = 0;
    this.visit?.(0, this.#carry);
    for (let rest = this.#size; rest % 2 === 1; rest = (rest - 1) / 2) {
      this.#slots.copy(this.#input, 1, height * HASH_BYTES, (height + 1) * HASH_BYTES);
      sha256Into(this.#input, this.#carry, 0);
      height += 1;
      this.visit?.(height, this.#carry);
    }
    this.#slots.set(this.#carry, height * HASH_BYTES);
    this.#size += 1;
  }

  /** The roots of the perfect subtrees, the largest first: what `restore` takes. */
  peaks(): Buffer[] {
    return peakHeights(this.#size).map((height) =>
      Buffer.from(this.#slots.subarray(height * HASH_BYTES, (height + 1) * HASH_BYTES)),
    );
  }

  root(): Buffer {
    const peaks = this.peaks();
    return peaks.length ? peaks.reduceRight((right, left) => nodeHash(left, right)) : EMPTY_ROOT;
  }

  /** An independent copy, without the visitor. */
  clone(): CompactRange {
    return CompactRange.restore(this.#size, this.peaks());
  }
}

/** The heights of the perfect subtrees that a tree of `size` is made of, the highest first. */
export function peakHeights(size: number): number[] {
  const heights: number[] = [];
  for (let height = 0, rest = size; rest > 0; height += 1, rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) heights.unshift(height);
  }
  return heights;
}

/** The root over leaf hashes that stand one after the other. */
export function rootOf(leaves: Buffer): Buffer {
  const range = new CompactRange();
  range.appendAll(leaves);
  return range.root();
}
