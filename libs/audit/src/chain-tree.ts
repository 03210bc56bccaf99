import {
  EMPTY_ROOT,
  FormatError,
  leafHash,
  openCheckpoint,
  signCheckpoint,
  TileBuilder,
  TILE_WIDTH,
  ZERO_HASH,
  type FullTile,
  type Head,
  type Ledger,
  type LinkedEntry,
  type NoteSigner,
  type NoteVerifier,
  type SignedCheckpoint,
} from '@chartledger/ledger';
import { IntegrityError, type Clock, type Logger } from '@chartledger/platform';
import { type CheckpointFile } from './checkpoint-file.js';
import { type CheckpointStore } from './checkpoint-store.js';
import { type SignedTree, type TreeStanding } from './signed-tree.js';
import { storedTile } from './stored-tiles.js';

/** "At most every second": often enough for a receipt, rare enough not to count beside the entries. */
const SIGNING_INTERVAL_MS = 1_000;
/** Leaves read at once when the tree catches up. */
const READ_BATCH = 4_096;
/** 8 KiB each. */
const CACHED_TILES = 1_024;

export interface ChainTreeContext {
  ledger: Ledger;
  store: CheckpointStore;
  file: CheckpointFile;
  signer: NoteSigner;
  verifier: NoteVerifier;
  clock: Clock;
  logger: Logger;
}

/**
 * The Merkle tree over one chain's leaf hashes, and its signed heads. A checkpoint is signed only by extending the tree of
 * the one before; at start the log is held to the last one, and a log that is shorter or different is an IntegrityError.
 */
export class ChainTree implements SignedTree {
  private builder!: TileBuilder;
  /** Complete tiles that are not stored yet. */
  private pending: FullTile[] = [];
  private tiles = new Map<string, Buffer>();
  private latest!: SignedCheckpoint;
  private head: { seq: number; leaf: Buffer } | undefined;
  private isBehind = false;
  private timer: NodeJS.Timeout | undefined;
  private signing: Promise<void> = Promise.resolve();
  private waiting: { seq: number; resolve: () => void }[] = [];
  private stopped = false;

  constructor(
    private readonly context: ChainTreeContext,
    readonly chain: number,
  ) {}

  async start(): Promise<void> {
    const { store, file } = this.context;
    const stored = await store.last(this.chain);
    const kept = await file.read();
    const last = kept && (!stored || kept.size > stored.size) ? kept : stored;
    await this.restore(last);
    if (last) this.latest = last;
    if (!last || this.builder.size > last.size) await this.sign();
  }

  /** Signs what is not signed yet, and stops. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.signing;
    if (this.isBehind || this.builder.size > this.latest.size) await this.sign();
  }

  /** Takes entries that are durable now. What another process wrote before them is read from the ledger. */
  append(entries: readonly LinkedEntry[]): void {
    if (entries.length === 0) return;
    if (this.isBehind || entries[0].seq !== this.builder.size) this.isBehind = true;
    else for (const { leaf } of entries) this.builder.append(leaf);
    const { seq, leaf } = entries[entries.length - 1];
    this.head = { seq, leaf };
    this.signSoon();
  }

  /** The chain ends at `head`, though not all of its entries came by `append`: the rest is read from the ledger. */
  catchUpTo({ seq, leaf }: Head): void {
    if (seq < this.builder.size) return;
    this.isBehind = true;
    this.head = { seq, leaf };
    this.signSoon();
  }

  private signSoon(): void {
    if (this.timer || this.stopped) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      // One after the other: a slow one must not be overtaken.
      this.signing = this.signing
        .then(() => this.sign())
        .catch((error: Error) => {
          this.context.logger.error(
            { stage: 'append', chain: this.chain, error: error.message },
            'a checkpoint could not be signed',
          );
        });
    }, SIGNING_INTERVAL_MS);
  }

  get size(): number {
    return this.builder.size;
  }

  async entries(): Promise<number> {
    return this.size;
  }

  async standing(): Promise<TreeStanding> {
    const { size } = this;
    const root = size === 0 ? EMPTY_ROOT : this.builder.root();
    return { size, head: this.head?.leaf ?? ZERO_HASH, root, checkpoint: this.latest };
  }

  get checkpoint(): SignedCheckpoint {
    return this.latest;
  }

  async covering(seq: number, timeoutMs: number): Promise<SignedCheckpoint | undefined> {
    if (this.latest.size > seq) return this.latest;
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([
      new Promise<void>((resolve) => this.waiting.push({ seq, resolve })),
      new Promise<void>((resolve) => (timer = setTimeout(resolve, timeoutMs))),
    ]);
    clearTimeout(timer);
    return this.latest.size > seq ? this.latest : undefined;
  }

  async tile(level: number, index: number): Promise<Buffer | undefined> {
    const key = `${level}/${index}`;
    const cached =
      this.tiles.get(key) ?? this.pending.find((tile) => tile.level === level && tile.index === index)?.hashes;
    if (cached) return cached;
    const hashes = Math.floor(this.builder.size / TILE_WIDTH ** level) - index * TILE_WIDTH;
    if (hashes <= 0) return undefined;
    if (hashes < TILE_WIDTH) return this.builder.partialTile(level, index, hashes);
    const stored = await this.context.store.tile(this.chain, level, index);
    if (stored) this.cache(key, stored);
    return stored;
  }

  private cache(key: string, hashes: Buffer): void {
    if (this.tiles.size >= CACHED_TILES) this.tiles.delete(this.tiles.keys().next().value!);
    this.tiles.set(key, hashes);
  }

  private async restore(last: SignedCheckpoint | undefined): Promise<void> {
    const signed = last ? openCheckpoint(last.note, [this.context.verifier]) : undefined;
    const size = signed ? signed.size - (signed.size % TILE_WIDTH) : 0;
    const head = await this.context.ledger.head(this.chain);
    if (signed && head.seq + 1 < signed.size) {
      throw new IntegrityError(
        `chain ${this.chain} has ${head.seq + 1} entries, but a checkpoint over ${signed.size} was signed: acknowledged entries are gone. Restore the database from its backup; do not go on with this one`,
      );
    }
    try {
      this.builder = await TileBuilder.restore(
        size,
        (level, index) => storedTile(this.context.store, this.chain, level, index, size),
        (tile) => this.pending.push(tile),
      );
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      throw new IntegrityError(
        `chain ${this.chain}: tiles below the last checkpoint are missing (${error.message}); restore the database from its backup`,
      );
    }
    if (signed) await this.readLeaves(signed.size);
    if (signed && !this.builder.root().equals(signed.root)) {
      throw new IntegrityError(
        `chain ${this.chain}: its first ${signed.size} entries are not the ones that were signed. Run \`chartledger verify\` to see where; restore the database from its backup`,
      );
    }
    await this.readLeaves(head.seq + 1);
    this.head = head.seq >= 0 ? { seq: head.seq, leaf: head.leaf } : undefined;
  }

  private async readLeaves(end: number): Promise<void> {
    while (this.builder.size < end) {
      const envelopes = await this.context.ledger.envelopes(
        this.chain,
        this.builder.size,
        Math.min(end, this.builder.size + READ_BATCH),
      );
      if (envelopes.length === 0)
        throw new IntegrityError(`chain ${this.chain}: the entry at ${this.builder.size} is missing`);
      for (const envelope of envelopes) this.builder.append(leafHash(envelope));
    }
  }

  /** While it is behind, `append` leaves the leaves to be read from the ledger, so that none comes twice. */
  private async catchUp(): Promise<void> {
    do {
      const head = await this.context.ledger.head(this.chain);
      await this.readLeaves(head.seq + 1);
    } while (this.head && this.head.seq >= this.builder.size);
    this.isBehind = false;
  }

  private async sign(): Promise<void> {
    const { store, file, signer, clock } = this.context;
    if (this.isBehind) await this.catchUp();
    const tiles = [...this.pending];
    const { size } = this.builder;
    const note = signCheckpoint({ origin: signer.name, size, root: this.builder.root() }, [signer]);
    const checkpoint = { size, time: new Date(clock.now()).toISOString(), note };
    const edge = this.builder.partialTile(0, Math.floor(size / TILE_WIDTH), size % TILE_WIDTH);
    await store.add(this.chain, tiles, checkpoint);
    await file.write({ ...checkpoint, edge });
    this.pending = this.pending.slice(tiles.length);
    for (const { level, index, hashes } of tiles) this.cache(`${level}/${index}`, hashes);
    this.latest = checkpoint;
    const { waiting } = this;
    this.waiting = waiting.filter(({ seq }) => seq >= size);
    for (const one of waiting) if (one.seq < size) one.resolve();
  }
}
