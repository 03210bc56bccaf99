import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readBundle } from './bundle-file.js';
import { ENTRY_LENGTH_BYTES, PAYLOAD_LENGTH_BYTES } from './bundles.js';
import { type SourceEntry } from './chain-source.js';
import { checkpointFile, checkpointsFile, findTile, namesIn } from './directory-layout.js';
import { replaceFile } from './draft-file.js';
import { FormatError } from './format-error.js';
import { HASH_BYTES } from './hash.js';
import { parseSignedCheckpoint, type SignedCheckpoint } from './signed-checkpoint.js';
import { TILE_WIDTH, type TileLevel, tilePath } from './tiles.js';

const LINE_FEED = 0x0a;
/** Far more than a line: a note with its JSON has some 300 bytes. */
const TAIL_BYTES = 64 * 1024;

/** What a folder holds of a chain that was copied into it before. */
export class CopiedChain {
  constructor(readonly folder: string) {}

  /** The last checkpoint. The line of one that was being written when its writer ended is cut off. */
  async lastCheckpoint(): Promise<SignedCheckpoint | undefined> {
    const file = await open(checkpointsFile(this.folder), 'r+').catch(absentAs(undefined));
    if (!file) return undefined;
    try {
      const { size } = await file.stat();
      const from = Math.max(0, size - TAIL_BYTES);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
      const tail = buffer.subarray(0, bytesRead);
      const end = tail.lastIndexOf(LINE_FEED) + 1;
      if (end < tail.length) await file.truncate(from + end);
      const line = tail.subarray(tail.subarray(0, Math.max(0, end - 1)).lastIndexOf(LINE_FEED) + 1, end);
      return line.length > 0 ? parseSignedCheckpoint(JSON.parse(line.toString('utf8'))) : undefined;
    } finally {
      await file.close();
    }
  }

  /** Adds checkpoints, and only then makes the last one the checkpoint of the folder. */
  async addCheckpoints(checkpoints: readonly SignedCheckpoint[]): Promise<void> {
    const last = checkpoints.at(-1);
    await mkdir(this.folder, { recursive: true });
    const file = await open(checkpointsFile(this.folder), 'a');
    try {
      await file.writeFile(
        checkpoints.map(({ size, time, note }) => `${JSON.stringify({ size, time, note })}\n`).join(''),
      );
      await file.sync();
    } finally {
      await file.close();
    }
    if (last) await this.showCheckpoint(last);
  }

  /** Makes it the checkpoint of the folder, where it is not. */
  async showCheckpoint({ note }: SignedCheckpoint): Promise<void> {
    const path = checkpointFile(this.folder);
    const shown = await readFile(path, 'utf8').catch(absentAs(undefined));
    if (shown !== note) await replaceFile(path, note);
  }

  /** The first `width` hashes of a tile. @throws FormatError tile_malformed when the folder holds fewer. */
  async hashes(level: number, index: number, width: number): Promise<Buffer> {
    const path = await findTile(this.folder, level, index);
    const hashes = path ? await readFile(path) : Buffer.alloc(0);
    if (hashes.length >= width * HASH_BYTES) return hashes.subarray(0, width * HASH_BYTES);
    throw new FormatError('tile_malformed', `the folder does not hold ${width} hashes of tile ${level}/${index}`);
  }

  /** Whether all that belongs to a full bundle is there, though nothing is said of what it holds. */
  async holdsFull(index: number): Promise<boolean> {
    for (const level of [0, 'entries', 'payloads'] as const) {
      if ((await findTile(this.folder, level, index)) !== this.path(level, index, TILE_WIDTH)) return false;
    }
    return true;
  }

  /** The entries of a full bundle, one at a time. */
  async *bundle(index: number): AsyncGenerator<SourceEntry> {
    const payloads = oneByOne(readBundle(this.path('payloads', index, TILE_WIDTH), PAYLOAD_LENGTH_BYTES));
    try {
      let seq = index * TILE_WIDTH;
      for await (const envelope of oneByOne(readBundle(this.path('entries', index, TILE_WIDTH), ENTRY_LENGTH_BYTES))) {
        const { value } = await payloads.next();
        yield { seq, envelope, payload: value ?? Buffer.alloc(0) };
        seq += 1;
      }
    } finally {
      await payloads.return(undefined);
    }
  }

  /** Removes the partial versions of a tile or bundle that a wider one took the place of. */
  async removeNarrower(level: TileLevel, index: number, width: number): Promise<void> {
    const partial = `${this.path(level, index, TILE_WIDTH)}.p`;
    if (width === TILE_WIDTH) return rm(partial, { recursive: true, force: true });
    for (const name of await namesIn(partial)) if (name !== String(width)) await rm(join(partial, name));
  }

  path(level: TileLevel, index: number, width: number): string {
    return join(this.folder, tilePath({ level, index, width }));
  }
}

async function* oneByOne<T>(runs: AsyncIterable<T[]>): AsyncGenerator<T, undefined> {
  for await (const run of runs) yield* run;
  return undefined;
}

function absentAs<T>(value: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === 'ENOENT') return value;
    throw error;
  };
}
