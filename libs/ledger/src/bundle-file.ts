import { open } from 'node:fs/promises';
import { frameLength, type LengthBytes, takeFrames } from './bundles.js';
import { DraftFile } from './draft-file.js';

/** Written and read at a time: large enough to be cheap, small beside the 2 GiB that a bundle of large payloads can have. */
const CHUNK_BYTES = 1024 * 1024;

/** Writes one bundle, item by item; at most a chunk and an item are held in memory. The file has its name once it is whole. */
export class BundleWriter {
  #pending: Buffer[] = [];
  #pendingBytes = 0;

  private constructor(
    private readonly draft: DraftFile,
    private readonly lengthBytes: LengthBytes,
  ) {}

  static async create(path: string, lengthBytes: LengthBytes): Promise<BundleWriter> {
    return new BundleWriter(await DraftFile.create(path), lengthBytes);
  }

  async append(item: Buffer): Promise<void> {
    this.#pending.push(frameLength(item, this.lengthBytes), item);
    this.#pendingBytes += item.length;
    if (this.#pendingBytes >= CHUNK_BYTES) await this.#flush();
  }

  /** Durable, and under its name. */
  async finish(): Promise<void> {
    try {
      await this.#flush();
    } catch (error) {
      await this.draft.abandon();
      throw error;
    }
    await this.draft.finish();
  }

  async abandon(): Promise<void> {
    await this.draft.abandon();
  }

  async #flush(): Promise<void> {
    if (this.#pending.length) await this.draft.file.writeFile(Buffer.concat(this.#pending));
    this.#pending = [];
    this.#pendingBytes = 0;
  }
}

/**
 * The items of a bundle in the runs in which they are read. A bundle that ends inside an item is not refused: what there
 * is of the item comes as the last one, so that a verifier can say at which position the file was cut.
 */
export async function* readBundle(path: string, lengthBytes: LengthBytes): AsyncGenerator<Buffer[]> {
  const file = await open(path);
  try {
    let rest: Buffer = Buffer.alloc(0);
    for (;;) {
      const chunk = Buffer.allocUnsafe(rest.length + CHUNK_BYTES);
      rest.copy(chunk);
      const { bytesRead } = await file.read(chunk, rest.length, CHUNK_BYTES);
      if (bytesRead === 0) break;
      const frames = takeFrames(chunk.subarray(0, rest.length + bytesRead), lengthBytes);
      rest = frames.rest;
      if (frames.items.length) yield frames.items;
    }
    if (rest.length) yield [rest];
  } finally {
    await file.close();
  }
}
