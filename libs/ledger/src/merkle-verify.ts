import { FormatError } from './format-error.js';
import { HASH_BYTES, nodeHash } from './hash.js';

export interface InclusionClaim {
  index: bigint;
  size: bigint;
  leaf: Uint8Array;
  root: Uint8Array;
  proof: readonly Uint8Array[];
}

export interface ConsistencyClaim {
  oldSize: bigint;
  size: bigint;
  oldRoot: Uint8Array;
  root: Uint8Array;
  proof: readonly Uint8Array[];
}

/**
 * Verifies that `leaf` is the leaf at `index` of the tree of `size` with `root`: RFC 9162 section 2.1.3.2.
 * @throws FormatError proof_invalid
 */
export function verifyInclusion({ index, size, leaf, root, proof }: InclusionClaim): void {
  requireHashes([leaf, root, ...proof]);
  if (index < 0n || index >= size) fail(`index ${index} is not in a tree of ${size}`);
  let fn = index;
  let sn = size - 1n;
  let r = leaf;
  for (const p of proof) {
    if (sn === 0n) fail('the proof is too long');
    if (fn & 1n || fn === sn) {
      r = nodeHash(p, r);
      while (!(fn & 1n) && fn !== 0n) {
        fn >>= 1n;
        sn >>= 1n;
      }
    } else {
      r = nodeHash(r, p);
    }
    fn >>= 1n;
    sn >>= 1n;
  }
  if (sn !== 0n) fail('the proof is too short');
  requireEqual(r, root, 'the proof leads to another root');
}

/**
 * Verifies that the tree of `oldSize` with `oldRoot` is a prefix of the tree of `size` with `root`: RFC 9162 section
 * 2.1.4.2. The empty tree is a prefix of every tree, of which nothing follows, so `oldSize` 0 is refused.
 * @throws FormatError proof_invalid
 */
export function verifyConsistency({ oldSize, size, oldRoot, root, proof }: ConsistencyClaim): void {
  if (oldSize < 0n || oldSize > size) fail(`a tree of ${oldSize} is not a prefix of one of ${size}`);
  if (oldSize === 0n) fail('consistency with the empty tree proves nothing');
  if (oldSize === size) {
    if (proof.length) fail('trees of one size need no proof');
    return requireEqual(oldRoot, root, 'two trees of one size have different roots');
  }
  requireHashes([oldRoot, root, ...proof]);
  if (!proof.length) fail('the proof is empty');
  const path = isPowerOfTwo(oldSize) ? [oldRoot, ...proof] : proof;
  let fn = oldSize - 1n;
  let sn = size - 1n;
  while (fn & 1n) {
    fn >>= 1n;
    sn >>= 1n;
  }
  let fr = path[0];
  let sr = path[0];
  for (const c of path.slice(1)) {
    if (sn === 0n) fail('the proof is too long');
    if (fn & 1n || fn === sn) {
      fr = nodeHash(c, fr);
      sr = nodeHash(c, sr);
      while (!(fn & 1n) && fn !== 0n) {
        fn >>= 1n;
        sn >>= 1n;
      }
    } else {
      sr = nodeHash(sr, c);
    }
    fn >>= 1n;
    sn >>= 1n;
  }
  if (sn !== 0n) fail('the proof is too short');
  requireEqual(fr, oldRoot, 'the proof leads to another old root');
  requireEqual(sr, root, 'the proof leads to another root');
}

function isPowerOfTwo(value: bigint): boolean {
  return (value & (value - 1n)) === 0n;
}

function requireHashes(hashes: readonly Uint8Array[]): void {
  if (hashes.some((hash) => hash.length !== HASH_BYTES)) fail(`a hash has not ${HASH_BYTES} bytes`);
}

function requireEqual(actual: Uint8Array, expected: Uint8Array, message: string): void {
  if (Buffer.compare(actual, expected) !== 0) fail(message);
}

function fail(message: string): never {
  throw new FormatError('proof_invalid', message);
}
