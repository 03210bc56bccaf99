import { FormatError } from './format-error.js';
import { HASH_BYTES } from './hash.js';
import { CompactRange } from './merkle.js';
import { type TileReader } from './merkle-proof.js';
import { TILE_WIDTH, tileWidth } from './tiles.js';

const TILE_HEIGHT = 8;

/** A tile that is complete and will never change: 256 hashes, 8192 bytes. */
export interface FullTile {
  level: number;
  index: number;
  hashes: Buffer;
}

/**
 * The right edge of a tree in tiles: fed leaf hashes in order, it emits each tile when it completes and keeps the partial
 * one of each level. Memory is at most 8 KiB per level, whatever the size.
 */
export class TileBuilder {
  #range: CompactRange;
  readonly #edge: Buffer[] = [];

  /** @param emit called once for each full tile, a level's tiles from the left; it owns the buffer. */
  constructor(private readonly emit: (tile: FullTile) => void = () => undefined) {
    this.#range = new CompactRange(this.#visit);
  }

  /**
   * The builder as it was after `size` leaves; tiles that were complete then are not emitted again.
   * @throws FormatError tile_malformed when `readTile` gives fewer hashes than a tree of `size` has.
   */
  static async restore(size: number, readTile: TileReader, emit?: (tile: FullTile) => void): Promise<TileBuilder> {
    const builder = new TileBuilder(emit);
    const peaks: Buffer[] = [];
    for (let level = 0; size >= TILE_WIDTH ** level; level += 1) {
      const index = Math.floor(size / TILE_WIDTH ** (level + 1));
      const width = tileWidth(level, index, size);
      const hashes = width ? await readTile(level, index) : Buffer.alloc(0);
      if (hashes.length < width * HASH_BYTES) {
        throw new FormatError('tile_malformed', `tile ${level}/${index} has fewer than ${width} hashes`);
      }
      const edge = hashes.subarray(0, width * HASH_BYTES);
      edge.copy(builder.#tile(level));
      const range = new CompactRange();
      range.appendAll(edge);
      peaks.unshift(...range.peaks());
    }
    builder.#range = CompactRange.restore(size, peaks, builder.#visit);
    return builder;
  }

  get size(): number {
    return this.#range.size;
  }

  append(leaf: Uint8Array): void {
    this.#range.append(leaf);
  }

  root(): Buffer {
    return this.#range.root();
  }

  /**
   * The first `width` hashes of the partial tile at (level, index).
   * @throws RangeError when that tile is not a level's partial one, or is not that wide.
   */
  partialTile(level: number, index: number, width: number): Buffer {
    const edge = Math.floor(this.size / TILE_WIDTH ** (level + 1));
    if (index !== edge || width > tileWidth(level, index, this.size)) {
      throw new RangeError(`the right edge of a tree of ${this.size} has no tile ${level}/${index} of width ${width}`);
    }
    return Buffer.from(this.#tile(level).subarray(0, width * HASH_BYTES));
  }

  /** Every eighth height of the tree is a level of tiles; the leaf that is being appended is number `size`. */
  readonly #visit = (height: number, hash: Buffer): void => {
    if (height % TILE_HEIGHT !== 0) return;
    const level = height / TILE_HEIGHT;
    const at = Math.floor(this.size / TILE_WIDTH ** level);
    const slot = at % TILE_WIDTH;
    hash.copy(this.#tile(level), slot * HASH_BYTES);
    if (slot < TILE_WIDTH - 1) return;
    this.emit({ level, index: (at - slot) / TILE_WIDTH, hashes: this.#tile(level) });
    this.#edge[level] = Buffer.alloc(TILE_WIDTH * HASH_BYTES);
  };

  #tile(level: number): Buffer {
    return (this.#edge[level] ??= Buffer.alloc(TILE_WIDTH * HASH_BYTES));
  }
}
