import { type SignedCheckpoint } from './signed-checkpoint.js';
import { type TileName } from './tiles.js';

/** An entry as a source holds it. `seq` is the place where the source has it, whatever its envelope says. */
export interface SourceEntry {
  seq: number;
  envelope: Buffer;
  /** The stored (encrypted) bytes; undefined where the source holds none. */
  payload?: Buffer;
}

/**
 * Where a chain is read from when it is verified or copied: a Ledger driver, a log served over HTTP, a directory. Nothing
 * that a source says is trusted; a source MUST hand out what it holds even where that is plainly wrong, for the verifier
 * to name it, and MUST answer the same again when asked again.
 */
export interface ChainSource {
  readonly chain: number;

  /**
   * Every checkpoint ever signed that the source knows.
   * @param from only those of this size or a larger one are needed; a source MAY hand out the others too.
   */
  checkpoints(from?: number): Promise<SignedCheckpoint[]>;

  /**
   * What the source holds at the places from `from` (inclusive) to `to` (exclusive; default: to its end), in its order, in
   * batches. A place that it does not hold is left out.
   */
  entries(from: number, to?: number): AsyncIterable<SourceEntry[]>;

  /** The stored hashes of a tile, `tile.width` of them or more; undefined where the source does not hold the tile. */
  tile?(tile: TileName & { level: number }): Promise<Buffer | undefined>;
}

/** All chains of a ledger from one place, with the verifier keys (one line each) that this place *claims*. */
export interface LedgerSource {
  keys: string[];
  chains: ChainSource[];
}

/** What the source holds at one place. */
export async function entryAt(source: ChainSource, seq: number): Promise<SourceEntry | undefined> {
  if (seq < 0) return undefined;
  for await (const batch of source.entries(seq, seq + 1)) {
    if (batch.length) return batch[0];
  }
  return undefined;
}
