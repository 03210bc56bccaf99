import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type TileLevel, TILE_WIDTH, tilePath } from './tiles.js';

/**
 * A copy of a ledger in static files. Under `chains/{c}` it is what C2SP tlog-tiles serves, so any web server over the
 * directory is a log that others' tools can audit:
 *
 *     keys                                    verifier keys, one a line
 *     chains/{c}/checkpoint                   the last signed checkpoint
 *     chains/{c}/checkpoints                  every one ever signed, one JSON line {size, time, note} each
 *     chains/{c}/tile/{L}/{N}[.p/{W}]         hash tiles
 *     chains/{c}/tile/entries/{N}[.p/{W}]     entry bundles: uint16 length, envelope
 *     chains/{c}/tile/payloads/{N}[.p/{W}]    payload bundles: uint32 length, stored payload
 */
export const keysFile = (dir: string): string => join(dir, 'keys');
export const chainsFolder = (dir: string): string => join(dir, 'chains');
export const chainFolder = (dir: string, chain: number): string => join(chainsFolder(dir), String(chain));
export const checkpointFile = (chainDir: string): string => join(chainDir, 'checkpoint');
export const checkpointsFile = (chainDir: string): string => join(chainDir, 'checkpoints');

/** The widest version of a tile or bundle that the directory has: the full one, or else the widest partial one. */
export async function findTile(chainDir: string, level: TileLevel, index: number): Promise<string | undefined> {
  const full = join(chainDir, tilePath({ level, index, width: TILE_WIDTH }));
  if (await isFile(full)) return full;
  const widths = (await namesIn(`${full}.p`)).map(Number).filter((width) => width >= 1 && width < TILE_WIDTH);
  return widths.length ? join(`${full}.p`, String(Math.max(...widths))) : undefined;
}

/** The names in a folder; none when it does not exist. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
