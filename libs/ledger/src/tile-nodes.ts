import { HASH_BYTES } from './hash.js';
import { sha256Into } from './hash-into.js';

/** 0x01 ‖ left ‖ right (RFC 6962 section 2.1). Reused: hashing is synchronous. */
const input = Buffer.alloc(1 + 2 * HASH_BYTES, 1);

/** What was computed for a tile that somebody keeps is kept as long: a proof of another entry below it hashes nothing. */
const known = new WeakMap<Buffer, Buffer[]>();

/** The root over the `count` hashes of a complete tile from `first` on; `count` MUST be a power of two that divides `first`. */
export function nodeOfTile(tile: Buffer, first: number, count: number): Buffer {
  let heights = known.get(tile);
  if (!heights) known.set(tile, (heights = heightsOver(tile)));
  const at = (first / count) * HASH_BYTES;
  return heights[Math.log2(count)].subarray(at, at + HASH_BYTES);
}

/** The tile's own hashes, those of their pairs, and so on up to the root. */
function heightsOver(tile: Buffer): Buffer[] {
  const heights = [tile];
  for (let below = tile; below.length > HASH_BYTES; below = heights[heights.length - 1]) {
    const nodes = Buffer.allocUnsafe(below.length / 2);
    for (let at = 0; at < nodes.length; at += HASH_BYTES) {
      below.copy(input, 1, at * 2, at * 2 + 2 * HASH_BYTES);
      sha256Into(input, nodes, at);
    }
    heights.push(nodes);
  }
  return heights;
}
