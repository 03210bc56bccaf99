import { setTimeout as delay } from 'node:timers/promises';
import {
  EMPTY_ROOT,
  leafHash,
  openCheckpoint,
  TILE_WIDTH,
  ZERO_HASH,
  type Ledger,
  type NoteVerifier,
  type SignedCheckpoint,
} from '@chartledger/ledger';
import { UnavailableError } from '@chartledger/platform';
import { type CheckpointStore } from './checkpoint-store.js';
import { type SignedTree, type TreeStanding } from './signed-tree.js';
import { tileReader } from './stored-tiles.js';

/** A checkpoint comes at most every second. */
const LOOK_MS = 50;
/** Complete tiles of 8 KiB each. */
const CACHED_TILES = 1_024;

/** The tree of a chain that another process signs, up to its last checkpoint: from the stored tiles and the ledger. */
export class StoredTree implements SignedTree {
  private readonly tiles = new Map<string, Buffer>();

  constructor(
    private readonly ledger: Ledger,
    private readonly store: CheckpointStore,
    private readonly verifier: NoteVerifier,
    readonly chain: number,
  ) {}

  async entries(): Promise<number> {
    return (await this.last()).size;
  }

  async standing(): Promise<TreeStanding> {
    const checkpoint = await this.last();
    const { size, root } = openCheckpoint(checkpoint.note, [this.verifier]);
    if (size === 0) return { size, head: ZERO_HASH, root: EMPTY_ROOT, checkpoint };
    const [envelope] = await this.ledger.envelopes(this.chain, size - 1, size);
    return { size, head: leafHash(envelope), root, checkpoint };
  }

  async covering(seq: number, timeoutMs: number): Promise<SignedCheckpoint | undefined> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const last = await this.store.last(this.chain);
      if (last && last.size > seq) return last;
      if (performance.now() > deadline) return undefined;
      await delay(LOOK_MS);
    }
  }

  async tile(level: number, index: number): Promise<Buffer | undefined> {
    const key = `${level}/${index}`;
    const cached = this.tiles.get(key);
    if (cached) return cached;
    const { size } = await this.last();
    if (Math.floor(size / TILE_WIDTH ** level) <= index * TILE_WIDTH) return undefined;
    const hashes = await tileReader(this.ledger, this.store, this.chain, size)(level, index);
    if (hashes.length === TILE_WIDTH * ZERO_HASH.length) this.keep(key, hashes);
    return hashes;
  }

  private keep(key: string, hashes: Buffer): void {
    if (this.tiles.size >= CACHED_TILES) this.tiles.delete(this.tiles.keys().next().value!);
    this.tiles.set(key, hashes);
  }

  /** @throws UnavailableError before the chain's first owner has signed anything. */
  private async last(): Promise<SignedCheckpoint> {
    const last = await this.store.last(this.chain);
    if (last) return last;
    throw new UnavailableError(
      `chain ${this.chain} has no checkpoint yet: see whether a sequencer runs, then ask again`,
    );
  }
}
