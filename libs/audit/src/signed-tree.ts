import { type SignedCheckpoint } from '@chartledger/ledger';

/** How a chain's tree stands. */
export interface TreeStanding {
  size: number;
  /** The leaf hash of the last entry; 32 zero bytes for an empty chain. */
  head: Buffer;
  root: Buffer;
  checkpoint: SignedCheckpoint;
}

/** The Merkle tree over a chain's leaf hashes, as it is served: by the process that signs it, or by any other. */
export interface SignedTree {
  readonly chain: number;
  /** How many entries it has now. */
  entries(): Promise<number>;
  standing(): Promise<TreeStanding>;
  /** Resolves to a checkpoint that covers the entry, or to undefined after `timeoutMs`. */
  covering(seq: number, timeoutMs: number): Promise<SignedCheckpoint | undefined>;
  /** The hashes of a tile, as many as there are now; undefined where there is no such tile. */
  tile(level: number, index: number): Promise<Buffer | undefined>;
}
