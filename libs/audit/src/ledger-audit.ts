import {
  encodeEntryBundle,
  encodePayloadBundle,
  formatTlogProof,
  formatVerifierKey,
  inclusionProof,
  ledgerChainSource,
  TILE_WIDTH,
  ZERO_HASH,
  type ChainSource,
  type Ledger,
  type NoteVerifier,
  type StoredEntry,
  type TileName,
} from '@chartledger/ledger';
import { NotFoundError, UnavailableError } from '@chartledger/platform';

import { type CheckpointStore } from './checkpoint-store.js';
import { type SignedTree } from './signed-tree.js';

/** How long a proof waits for a checkpoint that covers its entry. */
const PROOF_TIMEOUT_MS = 10_000;

/** What tells an auditor how a chain stands. */
export interface ChainStatus {
  chain: number;
  origin: string;
  size: number;
  head: string;
  root: string;
  checkpoint: { size: number; time: string };
  sources: string[];
}

/** The ledger as others can check it: checkpoints, tiles, entries, proofs. */
export class LedgerAudit {
  constructor(
    private readonly ledger: Ledger,
    private readonly store: CheckpointStore,
    private readonly trees: ReadonlyMap<number, SignedTree>,
    private readonly verifiers: ReadonlyMap<number, NoteVerifier>,
    private readonly sourcesOf: () => Promise<{ name: string; chain: number }[]>,
  ) {}

  async chains(): Promise<ChainStatus[]> {
    const sources = await this.sourcesOf();
    return Promise.all(
      [...this.trees.values()].map(async (tree) => {
        const { size, head, root, checkpoint } = await tree.standing();
        return {
          chain: tree.chain,
          origin: this.verifiers.get(tree.chain)!.name,
          size,
          head: head.toString('hex'),
          root: root.toString('hex'),
          checkpoint: { size: checkpoint.size, time: checkpoint.time },
          sources: sources.filter((source) => source.chain === tree.chain).map((source) => source.name),
        };
      }),
    );
  }

  /** The verifier keys, one a line. */
  keys(): string {
    return [...this.verifiers.values()].map((verifier) => `${formatVerifierKey(verifier)}\n`).join('');
  }

  async checkpoint(chain: number): Promise<string> {
    return (await this.tree(chain).standing()).checkpoint.note;
  }

  async checkpoints(
    chain: number,
    from?: number,
    to?: number,
  ): Promise<{ size: number; time: string; note: string }[]> {
    this.tree(chain);
    return this.store.range(chain, from, to);
  }

  /** @throws NotFoundError for a tile that the tree does not have, or not that wide. */
  async tile(chain: number, { level, index, width }: TileName): Promise<Buffer> {
    const tree = this.tree(chain);
    if (level === 'entries' || level === 'payloads') return this.bundle(tree, level, index, width);
    const hashes = await tree.tile(level, index);
    const bytes = width * ZERO_HASH.length;
    if (!hashes || hashes.length < bytes) throw new NotFoundError('the tree has no such tile yet');
    return hashes.subarray(0, bytes);
  }

  async entry(chain: number, seq: number): Promise<StoredEntry> {
    this.tree(chain);
    const [entry] = await this.ledger.get(chain, [seq]);
    if (entry) return entry;
    throw new NotFoundError(`there is no entry at ${chain}:${seq}`);
  }

  /**
   * The inclusion proof of an entry as C2SP tlog-proof text. Waits until a checkpoint covers the entry.
   * @throws NotFoundError beyond the head, UnavailableError when no checkpoint came in time.
   */
  async proof(chain: number, seq: number): Promise<string> {
    const tree = this.tree(chain);
    if (seq >= (await tree.entries())) {
      const { seq: last } = await this.ledger.head(chain);
      if (seq > last)
        throw new NotFoundError(`there is no entry at ${chain}:${seq}; the chain ends at ${chain}:${last}`);
    }
    const checkpoint = await tree.covering(seq, PROOF_TIMEOUT_MS);
    if (!checkpoint) throw new UnavailableError('no checkpoint covers the entry yet: ask again');
    const proof = await inclusionProof(
      seq,
      checkpoint.size,
      async (level, index) => (await tree.tile(level, index)) ?? Buffer.alloc(0),
    );
    return formatTlogProof({ index: seq, proof, checkpoint: checkpoint.note });
  }

  /** The chain for the verifier. */
  source(chain: number): ChainSource {
    return ledgerChainSource(this.ledger, chain, {
      checkpoints: () => this.store.range(chain),
      tile: ({ level, index }) => this.store.tile(chain, level, index),
    });
  }

  private async bundle(tree: SignedTree, level: 'entries' | 'payloads', index: number, width: number): Promise<Buffer> {
    const from = index * TILE_WIDTH;
    if (from + width > (await tree.entries())) throw new NotFoundError('the chain has no such entries yet');
    if (level === 'entries') return encodeEntryBundle(await this.ledger.envelopes(tree.chain, from, from + width));
    const payloads: Buffer[] = [];
    for await (const batch of this.ledger.read(tree.chain, from, from + width))
      for (const { payload } of batch) payloads.push(payload);
    return encodePayloadBundle(payloads);
  }

  private tree(chain: number): SignedTree {
    const tree = this.trees.get(chain);
    if (tree) return tree;
    throw new NotFoundError(`there is no chain ${chain}; GET /ledger/chains lists them`);
  }
}
