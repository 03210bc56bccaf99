import { readFile } from 'node:fs/promises';
import { readBundle } from './bundle-file.js';
import { ENTRY_LENGTH_BYTES, PAYLOAD_LENGTH_BYTES } from './bundles.js';
import { type ChainSource, type LedgerSource, type SourceEntry } from './chain-source.js';
import { chainFolder, chainsFolder, checkpointsFile, findTile, keysFile, namesIn } from './directory-layout.js';
import { FormatError } from './format-error.js';
import { parseSignedCheckpoint, type SignedCheckpoint, signedSizeOf } from './signed-checkpoint.js';
import { TILE_WIDTH } from './tiles.js';

/** A copy of a ledger as writeLedgerDirectory writes it. Nothing is verified: that is verifyChain's part. */
export async function readLedgerDirectory(dir: string): Promise<LedgerSource> {
  const names = await namesIn(chainsFolder(dir));
  const chains = names.filter((name) => /^(0|[1-9][0-9]*)$/.test(name)).map(Number);
  const keys = (await readFile(keysFile(dir), 'utf8')).split('\n').filter((line) => line !== '');
  return { keys, chains: chains.sort((a, b) => a - b).map((chain) => new DirectoryChain(dir, chain)) };
}

class DirectoryChain implements ChainSource {
  readonly #folder: string;

  constructor(
    dir: string,
    readonly chain: number,
  ) {
    this.#folder = chainFolder(dir, chain);
  }

  async checkpoints(): Promise<SignedCheckpoint[]> {
    const lines = (await readFile(checkpointsFile(this.#folder), 'utf8')).split('\n').filter((line) => line !== '');
    return lines.map((line) => parseSignedCheckpoint(parseJson(line)));
  }

  /** A bundle that is missing is passed over as long as a checkpoint says that the log goes on after it. */
  async *entries(from: number, to = Infinity): AsyncGenerator<SourceEntry[]> {
    const signed = signedSizeOf(await this.checkpoints());
    for (let index = Math.floor(from / TILE_WIDTH); index * TILE_WIDTH < to; index += 1) {
      const path = await findTile(this.#folder, 'entries', index);
      if (!path && index * TILE_WIDTH >= signed) return;
      if (path) yield* this.#bundle(path, index, from, to);
    }
  }

  async tile({ level, index }: { level: number; index: number }): Promise<Buffer | undefined> {
    const path = await findTile(this.#folder, level, index);
    return path === undefined ? undefined : readFile(path);
  }

  async *#bundle(path: string, index: number, from: number, to: number): AsyncGenerator<SourceEntry[]> {
    const payloadPath = await findTile(this.#folder, 'payloads', index);
    const payloads = payloadPath ? new ItemQueue(readBundle(payloadPath, PAYLOAD_LENGTH_BYTES)) : undefined;
    try {
      let seq = index * TILE_WIDTH;
      for await (const envelopes of readBundle(path, ENTRY_LENGTH_BYTES)) {
        while (envelopes.length) {
          const held = payloads ? await payloads.take(envelopes.length) : undefined;
          const batch = envelopes.splice(0, held?.length ?? envelopes.length);
          const entries = batch.map((envelope, at) => ({ seq: seq + at, envelope, payload: held?.[at] }));
          seq += batch.length;
          yield entries.filter((entry) => entry.seq >= from && entry.seq < to);
        }
      }
    } finally {
      await payloads?.close();
    }
  }
}

/** Hands out the items of a bundle in numbers that suit the reader of another one beside it. */
class ItemQueue {
  #items: Buffer[] = [];
  #ended = false;

  constructor(private readonly runs: AsyncGenerator<Buffer[]>) {}

  /** One to `count` items; empty ones where the bundle ended, which is no payload's right length. */
  async take(count: number): Promise<Buffer[]> {
    if (!this.#items.length && !this.#ended) {
      const { value, done } = await this.runs.next();
      if (done) this.#ended = true;
      else this.#items = value;
    }
    return this.#ended ? Array.from({ length: count }, () => Buffer.alloc(0)) : this.#items.splice(0, count);
  }

  async close(): Promise<void> {
    await this.runs.return(undefined);
  }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new FormatError('source_malformed', 'a line of the checkpoints file is not JSON');
  }
}
