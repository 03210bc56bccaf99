import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BundleWriter } from './bundle-file.js';
import { ENTRY_LENGTH_BYTES, type LengthBytes, PAYLOAD_LENGTH_BYTES } from './bundles.js';
import { type ChainSource, type LedgerSource } from './chain-source.js';
import { chainFolder, checkpointFile, checkpointsFile, keysFile } from './directory-layout.js';
import { FormatError } from './format-error.js';
import { leafHash } from './hash.js';
import { type SignedCheckpoint } from './signed-checkpoint.js';
import { type FullTile, TileBuilder } from './tile-builder.js';
import { TILE_WIDTH, tilePath, tileWidth } from './tiles.js';

/**
 * Copies a ledger into `dir`, which MUST be empty or not exist. Each chain ends with its last checkpoint: what comes after
 * is not signed yet. Streams; memory does not grow with the chain. The copy is not verified on the way.
 * @throws FormatError source_malformed when a source does not hold all entries that its checkpoints cover.
 */
export async function writeLedgerDirectory(source: LedgerSource, dir: string): Promise<void> {
  await writeTo(keysFile(dir), source.keys.map((key) => `${key}\n`).join(''));
  for (const chain of source.chains) await writeChain(chain, chainFolder(dir, chain.chain));
}

async function writeChain(source: ChainSource, folder: string): Promise<void> {
  const checkpoints = (await source.checkpoints()).sort((a, b) => a.size - b.size);
  const last = checkpoints.at(-1);
  await writeTo(checkpointsFile(folder), checkpoints.map(checkpointLine).join(''));
  if (last) await writeTo(checkpointFile(folder), last.note);
  await writeEntries(source, folder, last?.size ?? 0);
}

function checkpointLine({ size, time, note }: SignedCheckpoint): string {
  return `${JSON.stringify({ size, time, note })}\n`;
}

async function writeEntries(source: ChainSource, folder: string, size: number): Promise<void> {
  const full: FullTile[] = [];
  const tiles = new TileBuilder((tile) => full.push(tile));
  const entries = new BundleSeries(folder, 'entries', ENTRY_LENGTH_BYTES, size);
  const payloads = new BundleSeries(folder, 'payloads', PAYLOAD_LENGTH_BYTES, size);
  try {
    for await (const batch of source.entries(0, size)) {
      for (const { seq, envelope, payload } of batch) {
        if (seq !== tiles.size) throw missing(source, tiles.size);
        await entries.append(seq, envelope);
        if (payload) await payloads.append(seq, payload);
        tiles.append(leafHash(envelope));
      }
      for (const { level, index, hashes } of full.splice(0)) {
        await writeTo(join(folder, tilePath({ level, index, width: TILE_WIDTH })), hashes);
      }
    }
    if (tiles.size < size) throw missing(source, tiles.size);
  } finally {
    await entries.close();
    await payloads.close();
  }
  await writeEdge(tiles, folder);
}

/** The partial tile of each level. */
async function writeEdge(tiles: TileBuilder, folder: string): Promise<void> {
  for (let level = 0; tiles.size >= TILE_WIDTH ** level; level += 1) {
    const index = Math.floor(tiles.size / TILE_WIDTH ** (level + 1));
    const width = tileWidth(level, index, tiles.size);
    if (width === 0) continue;
    await writeTo(join(folder, tilePath({ level, index, width })), tiles.partialTile(level, index, width));
  }
}

/** The bundles of a log of `size`, one open at a time. */
class BundleSeries {
  #writer: BundleWriter | undefined;
  #next = 0;

  constructor(
    private readonly folder: string,
    private readonly level: 'entries' | 'payloads',
    private readonly lengthBytes: LengthBytes,
    private readonly size: number,
  ) {}

  /** @throws FormatError source_malformed when an item is left out: a bundle has no way to say so. */
  async append(seq: number, item: Buffer): Promise<void> {
    if (seq !== this.#next) throw new FormatError('source_malformed', `${this.level} has no item ${this.#next}`);
    if (seq % TILE_WIDTH === 0) await this.#roll(seq / TILE_WIDTH);
    await this.#writer!.append(item);
    this.#next += 1;
  }

  async close(): Promise<void> {
    await this.#writer?.close();
    this.#writer = undefined;
  }

  async #roll(index: number): Promise<void> {
    await this.close();
    const name = { level: this.level, index, width: tileWidth(0, index, this.size) };
    this.#writer = await BundleWriter.create(join(this.folder, tilePath(name)), this.lengthBytes);
  }
}

function missing({ chain }: ChainSource, seq: number): FormatError {
  return new FormatError('source_malformed', `the source does not hold ${chain}:${seq}; verify it to learn why`);
}

async function writeTo(path: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}
