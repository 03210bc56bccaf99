import { BundleWriter } from './bundle-file.js';
import { ENTRY_LENGTH_BYTES, PAYLOAD_LENGTH_BYTES } from './bundles.js';
import { type SourceEntry } from './chain-source.js';
import { type CopiedChain } from './copied-chain.js';
import { replaceFile } from './draft-file.js';
import { type FullTile } from './tile-builder.js';
import { TILE_WIDTH, tileWidth } from './tiles.js';

/** Bundles that become durable at a time: Node has as many threads for files. */
const SETTLING = 4;

/**
 * Writes the bundles and complete tiles of a chain that will have `size` entries, in order. While some bundles become
 * durable the next is written; what is in memory is a chunk of each.
 */
export class CopyWriter {
  private entries: BundleWriter | undefined;
  private payloads: BundleWriter | undefined;
  private index = 0;
  private settling: Promise<void>[] = [];

  constructor(
    private readonly copied: CopiedChain,
    private readonly size: number,
  ) {}

  /** `seq` MUST be a multiple of 256 at the first call, and one more at each. `completed`: the tiles that this entry completes. */
  async append({ seq, envelope, payload }: SourceEntry, completed: readonly FullTile[]): Promise<void> {
    if (seq % TILE_WIDTH === 0) await this.roll(seq / TILE_WIDTH, payload !== undefined);
    await this.entries!.append(envelope);
    await this.payloads?.append(payload ?? Buffer.alloc(0));
    if (completed.length > 0) await this.settle(completed);
  }

  async finish(): Promise<void> {
    await this.settle([]);
    await Promise.all(this.settling);
  }

  /** Leaves what is not complete as drafts. */
  async abandon(): Promise<void> {
    await Promise.allSettled([...this.settling, this.entries?.abandon(), this.payloads?.abandon()]);
  }

  private async roll(index: number, hasPayloads: boolean): Promise<void> {
    this.index = index;
    const path = (level: 'entries' | 'payloads'): string => this.copied.path(level, index, this.width);
    this.entries = await BundleWriter.create(path('entries'), ENTRY_LENGTH_BYTES);
    if (hasPayloads) this.payloads = await BundleWriter.create(path('payloads'), PAYLOAD_LENGTH_BYTES);
  }

  private get width(): number {
    return tileWidth(0, this.index, this.size);
  }

  private async settle(completed: readonly FullTile[]): Promise<void> {
    if (this.settling.length >= SETTLING) await this.settling.shift();
    const { entries, payloads, index, width, copied } = this;
    this.entries = this.payloads = undefined;
    const files = async (): Promise<void> => {
      await Promise.all([
        entries?.finish(),
        payloads?.finish(),
        ...completed.map((tile) => replaceFile(copied.path(tile.level, tile.index, TILE_WIDTH), tile.hashes)),
      ]);
      if (width < TILE_WIDTH) return;
      for (const level of ['entries', 'payloads'] as const) await copied.removeNarrower(level, index, width);
      for (const tile of completed) await copied.removeNarrower(tile.level, tile.index, TILE_WIDTH);
    };
    const settled = files();
    // Met where it is awaited; until then it must not end the process.
    settled.catch(() => undefined);
    this.settling.push(settled);
  }
}
