import { HASH_BYTES, leafHash, rootOf, TILE_WIDTH, type Ledger } from '@chartledger/ledger';
import { type CheckpointStore } from './checkpoint-store.js';

/**
 * A tile of the tree of `size` from the complete tiles that are stored; a partial one above level 0 is made of those below
 * it. Empty where something is missing. `size` MUST be a multiple of 256, or `leaves` be given for the rest of level 0.
 */
export async function storedTile(
  store: Pick<CheckpointStore, 'tile'>,
  chain: number,
  level: number,
  index: number,
  size: number,
  leaves?: (from: number, to: number) => Promise<Buffer>,
): Promise<Buffer> {
  const stored = await store.tile(chain, level, index);
  if (stored) return stored;
  if (level === 0)
    return (await leaves?.(index * TILE_WIDTH, Math.min(size, (index + 1) * TILE_WIDTH))) ?? Buffer.alloc(0);
  const width = Math.floor(size / TILE_WIDTH ** level) - index * TILE_WIDTH;
  const roots: Buffer[] = [];
  for (let child = 0; child < width; child += 1) {
    const tile = await storedTile(store, chain, level - 1, index * TILE_WIDTH + child, size, leaves);
    if (tile.length !== TILE_WIDTH * HASH_BYTES) return Buffer.alloc(0);
    roots.push(rootOf(tile));
  }
  return Buffer.concat(roots);
}

/** The tiles of a chain's tree of `size` without a running server: stored ones, and the last leaves from the ledger. */
export function tileReader(
  ledger: Ledger,
  store: CheckpointStore,
  chain: number,
  size: number,
): (level: number, index: number) => Promise<Buffer> {
  const leaves = async (from: number, to: number): Promise<Buffer> =>
    Buffer.concat((await ledger.envelopes(chain, from, to)).map((envelope) => leafHash(envelope)));
  return (level, index) => storedTile(store, chain, level, index, size, leaves);
}
