import { type ChainSource } from './chain-source.js';
import { HASH_BYTES } from './hash.js';
import { TILE_WIDTH, tileWidth } from './tiles.js';

/** The stored leaf hashes of a chain, one tile at a time. Only what a checkpoint covers is asked for. */
export class LeafTiles {
  #index = -1;
  #hashes: Buffer | undefined;

  constructor(
    private readonly source: ChainSource,
    private readonly size: number,
  ) {}

  /** Makes `stored` know the tile of the leaf at `seq`. */
  async load(seq: number): Promise<void> {
    const index = Math.floor(seq / TILE_WIDTH);
    if (index === this.#index) return;
    const width = tileWidth(0, index, this.size);
    this.#hashes = width ? await this.source.tile?.({ level: 0, index, width }) : undefined;
    this.#index = index;
  }

  /** The stored hash of the leaf at `seq` in hex; undefined where the tile was not loaded or does not hold it. */
  stored(seq: number): string | undefined {
    const at = (seq % TILE_WIDTH) * HASH_BYTES;
    if (!this.#hashes || Math.floor(seq / TILE_WIDTH) !== this.#index || at + HASH_BYTES > this.#hashes.length)
      return undefined;
    return this.#hashes.toString('hex', at, at + HASH_BYTES);
  }
}
