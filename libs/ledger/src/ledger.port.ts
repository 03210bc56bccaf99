import { type Envelope } from './envelope.js';

/** Where a chain ends. `seq` is -1 and `leaf` 32 zero bytes for an empty chain; `time` is milliseconds since the epoch. */
export interface Head {
  chain: number;
  seq: number;
  leaf: Buffer;
  time: number;
}

/** An entry as it is stored: the envelope's bytes and the encrypted payload's bytes. */
export interface StoredEntry {
  chain: number;
  seq: number;
  envelope: Buffer;
  payload: Buffer;
}

/** An entry that was given its place in the chain by `link`. */
export interface LinkedEntry extends StoredEntry {
  leaf: Buffer;
  fields: Envelope;
  /** Milliseconds since the epoch, equal to `fields.time`. */
  time: number;
}

/**
 * The system of record: totally ordered, hash-linked chains of entries.
 *
 * Drivers share no base class; the contract suite (`ledgerContract` in libs/testing) is what makes them drivers.
 */
export interface Ledger {
  /** The chains that have at least one entry, ascending. */
  chains(): Promise<number[]>;

  /** The last accepted entry of the chain, read from the store and not from a cache. */
  head(chain: number): Promise<Head>;

  /**
   * Compare-and-append. All of `entries` become durable and visible directly after `head`, or none does.
   * Resolves to true only after they are durable (they survive a kill of every process that takes part) and have been
   * seen accepted; to false when the chain's head is not `head` any more (the race was lost; nothing was written).
   * Rejects when the outcome is unknown: the caller MUST read the head before it goes on.
   * `entries` MUST be linked to `head` by `link`.
   */
  append(head: Head, entries: readonly LinkedEntry[]): Promise<boolean>;

  /**
   * The entries from `from` (inclusive) to `to` (exclusive; default: the head when the call is made), in order, without
   * gap, in batches. Ends there; never waits for more. Memory is bounded by the batch, not by the chain.
   */
  read(chain: number, from: number, to?: number): AsyncIterable<StoredEntry[]>;

  /** The entries at `seqs`, in the order asked; undefined where the chain has none. One round trip. */
  get(chain: number, seqs: readonly number[]): Promise<(StoredEntry | undefined)[]>;

  /** The envelopes from `from` (inclusive) to `to` (exclusive), those that exist, in order. One round trip; keep it small. */
  envelopes(chain: number, from: number, to: number): Promise<Buffer[]>;

  /**
   * The entries from `from` on, and then each new batch as soon as it is accepted, by whatever process. Ends when
   * `signal` is aborted.
   */
  follow(chain: number, from: number, signal: AbortSignal): AsyncIterable<StoredEntry[]>;
}
