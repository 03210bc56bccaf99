import { FormatError } from './format-error.js';

/** Hashes of a full tile, entries of a full bundle (C2SP tlog-tiles, section Merkle Tree). */
export const TILE_WIDTH = 256;

/** What the files of a log hold: hashes of a level of the tree, or the log's entries or payloads in bundles. */
export type TileLevel = number | 'entries' | 'payloads';

/** A tile or bundle. `width` is 256 for a full one, 1 to 255 for a partial one. */
export interface TileName {
  level: TileLevel;
  index: number;
  width: number;
}

const MAX_LEVEL = 63;
const PATH = /^tile\/(entries|payloads|0|[1-9][0-9]?)\/((?:x[0-9]{3}\/)*[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/;

/** The path of a tile under the log's prefix, e.g. `tile/0/x001/x234/067.p/12`: C2SP tlog-tiles, section Merkle Tree. */
export function tilePath({ level, index, width }: TileName): string {
  return `tile/${level}/${formatIndex(index)}${width === TILE_WIDTH ? '' : `.p/${width}`}`;
}

/**
 * Reads the path of a tile. One tile has one path: an index with leading zero groups is refused.
 * @throws FormatError tile_path_malformed
 */
export function parseTilePath(path: string): TileName {
  const [, level, groups, partial] = PATH.exec(path) ?? [];
  if (level === undefined) throw new FormatError('tile_path_malformed', `${path} is not the path of a tile`);
  const name: TileName = {
    level: level === 'entries' || level === 'payloads' ? level : Number(level),
    index: Number(groups.replaceAll(/[x/]/g, '')),
    width: partial === undefined ? TILE_WIDTH : Number(partial),
  };
  const inRange = Number.isSafeInteger(name.index) && (typeof name.level !== 'number' || name.level <= MAX_LEVEL);
  if (!inRange || tilePath(name) !== path || (partial !== undefined && name.width >= TILE_WIDTH)) {
    throw new FormatError('tile_path_malformed', `${path} is not the path of a tile`);
  }
  return name;
}

/** 1234067 is `x001/x234/067`. */
function formatIndex(index: number): string {
  const digits = String(index);
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0');
  const groups = padded.match(/.{3}/g)!;
  return groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/');
}

/** How many hashes the tile at (level, index) has in a tree of `size`: 0 to 256. */
export function tileWidth(level: number, index: number, size: number): number {
  const hashes = Math.floor(size / TILE_WIDTH ** level) - index * TILE_WIDTH;
  return Math.min(TILE_WIDTH, Math.max(0, hashes));
}

/** The hash tiles of a tree of `size`, level by level, each level from the left; the last of a level may be partial. */
export function* tilesOfTree(size: number): Generator<TileName & { level: number }> {
  for (let level = 0; size >= TILE_WIDTH ** level; level += 1) {
    const hashes = Math.floor(size / TILE_WIDTH ** level);
    for (let index = 0; index * TILE_WIDTH < hashes; index += 1) {
      yield { level, index, width: tileWidth(level, index, size) };
    }
  }
}

/** The bundles of a log of `size` entries. */
export function* bundlesOfTree(size: number, level: 'entries' | 'payloads'): Generator<TileName> {
  for (let index = 0; index * TILE_WIDTH < size; index += 1) yield { level, index, width: tileWidth(0, index, size) };
}
