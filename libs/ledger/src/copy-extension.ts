import { type ChainFault, faultsOf } from './chain-fault.js';
import { ChainFaultError } from './chain-fault-error.js';
import { type ChainSource, entryAt } from './chain-source.js';
import { openCheckpoint } from './checkpoint.js';
import { type CopiedChain } from './copied-chain.js';
import { CopyCheck } from './copy-check.js';
import { CopyWriter } from './copy-writer.js';
import { replaceFile } from './draft-file.js';
import { FormatError } from './format-error.js';
import { HASH_BYTES, leafHash, ZERO_HASH } from './hash.js';
import { type NoteVerifier } from './note-key.js';
import { readAhead } from './read-ahead.js';
import { type SignedCheckpoint } from './signed-checkpoint.js';
import { type FullTile, TileBuilder } from './tile-builder.js';
import { TILE_WIDTH, tileWidth } from './tiles.js';

/** One extension of a copy that has `from` signed entries to one that has `to`. */
export class CopyExtension {
  private readonly fault;
  /** Where the last bundle begins that was not complete: from there on files are written again. */
  private readonly start: number;
  private readonly completed: FullTile[] = [];
  private tree!: TileBuilder;
  /** The leaf hashes that the folder has of the bundle at `start`. */
  private edge: Buffer = Buffer.alloc(0);

  constructor(
    private readonly source: ChainSource,
    private readonly copied: CopiedChain,
    private readonly verifiers: readonly NoteVerifier[],
    private readonly from: number,
    private readonly to: number,
  ) {
    this.fault = faultsOf(source.chain);
    this.start = from - (from % TILE_WIDTH);
  }

  /** @throws ChainFaultError when the folder's tiles are not those of its checkpoint, or that is not of this ledger. */
  async holdFolderTo(held: SignedCheckpoint): Promise<void> {
    try {
      this.edge = await this.copied.hashes(0, this.start / TILE_WIDTH, this.from - this.start);
      const tree = await this.restoreTree(this.start);
      for (const leaf of hashesIn(this.edge)) tree.append(leaf);
      if (tree.root().equals(this.rootOf(held))) return;
    } catch (error) {
      if (!(error instanceof FormatError) || error.code !== 'tile_malformed') throw error;
    }
    throw this.refuse(
      Math.max(0, this.from - 1),
      'tile_mismatch',
      'the tiles in the folder are not those of its last checkpoint: the folder was damaged. `chartledger verify --dir` says where; begin a new folder',
    );
  }

  rootOf({ note, size }: SignedCheckpoint): Buffer {
    try {
      return openCheckpoint(note, this.verifiers).root;
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      throw this.refuse(
        Math.max(0, size - 1),
        'checkpoint_signature_invalid',
        `the checkpoint of size ${size} is not signed by this ledger's key: ${error.message}`,
      );
    }
  }

  async copy(checkpoint: SignedCheckpoint, onProgress: (entries: number) => void): Promise<void> {
    const root = this.rootOf(checkpoint);
    try {
      const check = await this.resume();
      const writer = new CopyWriter(this.copied, this.to);
      try {
        await this.append(check, writer, onProgress);
        if (check.next < this.to) throw check.fault('tail_cut', `a checkpoint over ${this.to} entries was signed`);
        if (!this.tree.root().equals(root)) {
          throw check.fault('fork', 'the entries are not the ones that were signed', this.from);
        }
        await writer.finish();
      } catch (error) {
        await writer.abandon();
        throw error;
      }
    } catch (error) {
      throw error instanceof ChainFaultError && this.from > 0 ? await this.notExtended(error) : error;
    }
    await this.writeEdge();
  }

  /** Removes what is left of the tiles and bundles that were not complete before. */
  async removeOldEdge(): Promise<void> {
    const index = Math.floor(this.to / TILE_WIDTH);
    const width = this.to % TILE_WIDTH;
    if (width > 0) {
      for (const level of ['entries', 'payloads'] as const) await this.copied.removeNarrower(level, index, width);
    }
    for (const tile of this.partialTiles()) await this.copied.removeNarrower(tile.level, tile.index, tile.width);
  }

  /** The refusal that names where the folder and the chain part; `otherwise` when they do not. */
  async notExtended(otherwise?: ChainFaultError): Promise<ChainFaultError> {
    let seq = 0;
    for await (const batch of this.source.entries(0, this.from)) {
      for (const entry of batch) {
        if (entry.seq !== seq) break;
        const index = Math.floor(seq / TILE_WIDTH);
        const leaves = await this.copied.hashes(0, index, tileWidth(0, index, this.from));
        const at = (seq % TILE_WIDTH) * HASH_BYTES;
        if (!leafHash(entry.envelope).equals(leaves.subarray(at, at + HASH_BYTES))) {
          return this.refuse(
            seq,
            'fork',
            'the folder holds another entry here: it is the copy of another ledger, or of this one before it went another way. Use a new folder',
          );
        }
        seq += 1;
      }
    }
    if (seq < this.from) {
      return this.refuse(
        seq,
        'tail_cut',
        `the ledger ends here, but the folder holds ${this.from} entries of it. Acknowledged entries may be gone: do not go on with this ledger before that is clear`,
      );
    }
    return (
      otherwise ??
      this.refuse(seq, 'checkpoint_invalid', 'the ledger has lost the checkpoint that the folder has of these entries')
    );
  }

  /**
   * Where to go on: after the complete bundles that an interrupted copy left behind, as far as they are sound and of this
   * chain, or else at `start`.
   */
  private async resume(): Promise<CopyCheck> {
    const { copied, source, start } = this;
    const index = start / TILE_WIDTH - 1;
    const before = index >= 0 ? (await copied.hashes(0, index, TILE_WIDTH)).subarray(-HASH_BYTES) : ZERO_HASH;
    const fresh = (): CopyCheck => new CopyCheck(source.chain, start, before);
    this.tree = await this.restoreTree(start);
    let check = fresh();
    while (check.next + TILE_WIDTH <= this.to && (await copied.holdsFull(check.next / TILE_WIDTH))) {
      const ahead = new CopyCheck(check.chain, check.next, check.leaf);
      const leaves = await leavesOf(copied, ahead);
      if (!leaves) break;
      for (const leaf of leaves) this.tree.append(leaf);
      check = ahead;
    }
    const last = check.next > start ? await entryAt(source, check.next - 1) : undefined;
    if (last && leafHash(last.envelope).equals(check.leaf)) {
      await this.completeTiles();
      return check;
    }
    this.tree = await this.restoreTree(start);
    return fresh();
  }

  /** The interruption may have come between two files that belong together. */
  private async completeTiles(): Promise<void> {
    for (const { level, index, hashes } of this.completed.splice(0)) {
      if (level > 0) await replaceFile(this.copied.path(level, index, TILE_WIDTH), hashes);
      else for (const one of ['entries', 'payloads'] as const) await this.copied.removeNarrower(one, index, TILE_WIDTH);
      await this.copied.removeNarrower(level, index, TILE_WIDTH);
    }
  }

  private async append(check: CopyCheck, writer: CopyWriter, onProgress: (entries: number) => void): Promise<void> {
    for await (const batch of readAhead(this.source.entries(check.next, this.to))) {
      for (const entry of batch) {
        const leaf = check.take(entry);
        const known = this.edge.subarray((entry.seq - this.start) * HASH_BYTES).subarray(0, HASH_BYTES);
        if (entry.seq < this.from && !leaf.equals(known)) throw check.fault('fork', 'another entry', entry.seq);
        this.tree.append(leaf);
        await writer.append(entry, this.completed.splice(0));
      }
      onProgress(check.next);
    }
  }

  private restoreTree(size: number): Promise<TileBuilder> {
    this.completed.length = 0;
    return TileBuilder.restore(
      size,
      (level, index) => this.copied.hashes(level, index, tileWidth(level, index, size)),
      (tile) => this.completed.push(tile),
    );
  }

  private async writeEdge(): Promise<void> {
    for (const { level, index, width } of this.partialTiles()) {
      await replaceFile(this.copied.path(level, index, width), this.tree.partialTile(level, index, width));
    }
  }

  /** The partial tile of each level. */
  private *partialTiles(): Generator<{ level: number; index: number; width: number }> {
    for (let level = 0; this.to >= TILE_WIDTH ** level; level += 1) {
      const index = Math.floor(this.to / TILE_WIDTH ** (level + 1));
      const width = tileWidth(level, index, this.to);
      if (width > 0) yield { level, index, width };
    }
  }

  private refuse(seq: number, reason: ChainFault['reason'], detail: string): ChainFaultError {
    return new ChainFaultError(this.fault(seq, reason, detail));
  }
}

/** The leaf hashes of the full bundle that comes next; undefined where it or its tile is not sound. */
async function leavesOf(copied: CopiedChain, check: CopyCheck): Promise<Buffer[] | undefined> {
  const index = check.next / TILE_WIDTH;
  const leaves: Buffer[] = [];
  try {
    for await (const entry of copied.bundle(index)) leaves.push(check.take(entry));
    const tile = await copied.hashes(0, index, TILE_WIDTH);
    return leaves.length === TILE_WIDTH && Buffer.concat(leaves).equals(tile) ? leaves : undefined;
  } catch (error) {
    if (error instanceof ChainFaultError || error instanceof FormatError) return undefined;
    throw error;
  }
}

function hashesIn(hashes: Buffer): Buffer[] {
  return Array.from({ length: hashes.length / HASH_BYTES }, (_, at) =>
    hashes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES),
  );
}
