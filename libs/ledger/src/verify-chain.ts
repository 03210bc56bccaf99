import { type ChainFault, faultsOf } from './chain-fault.js';
import { type ChainSource } from './chain-source.js';
import { ChainWalk } from './chain-walk.js';
import { CheckpointTrail, type Trust } from './checkpoint-trail.js';
import { diagnose, undecided } from './diagnose.js';
import { LeafTiles } from './leaf-tiles.js';
import { readAhead } from './read-ahead.js';
import { TILE_WIDTH } from './tiles.js';

/** A chain without a fault. */
export interface SoundChain {
  ok: true;
  chain: number;
  size: number;
  /** The Merkle root over all entries and the leaf hash of the last one, in hex. */
  root: string;
  head: string;
  /** How many checkpoints were verified, and the size of the last: entries after it are not signed yet. */
  checkpoints: number;
  signedSize: number;
  /** How many payloads were held against their hashes. */
  payloads: number;
  voidSubmissions: number;
}

export type ChainVerdict = SoundChain | ChainFault;

export interface VerifyOptions {
  /** Whether an entry without a payload is a fault; otherwise those payloads are verified that the source hands out. */
  requirePayloads?: boolean;
  /** Told now and then how many entries were verified. */
  onProgress?: (entries: number) => void;
}

/**
 * Verifies a chain from its first entry: form and order of each entry, links, times, payload hashes, stored leaf tiles and
 * every checkpoint. One pass in constant memory (two batches); only after a fault are single entries read again to tell what it is.
 * @returns the first fault, in the order of the chain, or that there is none. It never throws for what a log holds; what
 *   the source throws (it cannot be reached, it cannot be read) is passed on.
 */
export async function verifyChain(
  source: ChainSource,
  trust: Trust,
  options: VerifyOptions = {},
): Promise<ChainVerdict> {
  const fault = faultsOf(source.chain);
  const trail = new CheckpointTrail(await source.checkpoints(), trust, fault);
  const tiles = new LeafTiles(source, trail.signedSize);
  const walk = new ChainWalk(source.chain, trail, tiles, fault, options.requirePayloads ?? false);
  const atStart = walk.settle(false);
  if (atStart) return atStart;
  for await (const batch of readAhead(source.entries(0))) {
    for (const entry of batch) {
      if (needsTile(walk)) await tiles.load(walk.tree.size);
      const finding = walk.accept(entry);
      if (finding) return 'ok' in finding ? finding : diagnose(walk, source, entry, finding);
    }
    options.onProgress?.(walk.count);
  }
  return finish(walk);
}

/** A tile is loaded just before its first leaf is settled. */
function needsTile({ tree, count }: ChainWalk): boolean {
  return tree.size < count && tree.size % TILE_WIDTH === 0;
}

async function finish(walk: ChainWalk): Promise<ChainVerdict> {
  await walk.tiles.load(walk.tree.size);
  const fault = walk.settle(false) ?? undecided(walk) ?? tailCut(walk);
  if (fault) return fault;
  return {
    ok: true,
    chain: walk.chain,
    size: walk.count,
    root: walk.tree.root().toString('hex'),
    head: walk.leaf,
    checkpoints: walk.trail.count,
    signedSize: walk.trail.good,
    payloads: walk.payloads,
    voidSubmissions: walk.voidSubmissions,
  };
}

function tailCut({ trail, count, fault }: ChainWalk): ChainFault | undefined {
  if (trail.nextSize === Infinity) return undefined;
  const signed = trail.open();
  if (!Buffer.isBuffer(signed)) return signed;
  const { nextSize, signedSize } = trail;
  const detail = `the log ends here, but a checkpoint of size ${nextSize} was signed: at least ${signedSize - count} entries at the end were cut off`;
  return fault(count, 'tail_cut', detail);
}
