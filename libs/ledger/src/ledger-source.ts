import { type ChainSource, type SourceEntry } from './chain-source.js';
import { type Ledger } from './ledger.port.js';
import { type SignedCheckpoint } from './signed-checkpoint.js';
import { type TileName } from './tiles.js';

/** What stands beside the Ledger driver: the checkpoints that were signed and, where they are kept, the tiles. */
export interface LedgerCompanions {
  /** @param from as in `ChainSource`. */
  checkpoints(from?: number): Promise<SignedCheckpoint[]>;
  tile?(tile: TileName & { level: number }): Promise<Buffer | undefined>;
}

/** A chain of a Ledger driver as a source. The chain may grow meanwhile: the walk ends at the head of when it began. */
export function ledgerChainSource(ledger: Ledger, chain: number, companions: LedgerCompanions): ChainSource {
  return {
    chain,
    checkpoints: (from) => companions.checkpoints(from),
    entries: (from, to): AsyncIterable<SourceEntry[]> => ledger.read(chain, from, to),
    ...(companions.tile && { tile: (tile) => companions.tile!(tile) }),
  };
}
