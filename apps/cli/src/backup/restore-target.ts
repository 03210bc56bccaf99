import {
  type CopiedChain,
  HASH_BYTES,
  leafHash,
  TILE_WIDTH,
  tileWidth,
  type Head,
  type SignedCheckpoint,
} from '@chartledger/ledger';
import { ConfigurationError } from '@chartledger/platform';
import { type BackupStore } from './backup-store.js';
import { type BackedUpChain } from './check-folder.js';
import { Refused } from './refused.js';

type Chain = Pick<BackedUpChain, 'chain' | 'copied' | 'checkpoint'>;

/** Envelopes that are compared at a time when it is sure that two chains part. */
const COMPARED = 1_024;

/**
 * Where each chain of the target ends. A target that holds a beginning of the backup is one whose restore was interrupted.
 * @throws Refused when it holds anything else, naming what; ConfigurationError when it has too few chains.
 */
export async function headsOfTarget(store: BackupStore, chains: readonly Chain[]): Promise<Map<number, Head>> {
  const missing = chains.find(({ chain }) => !store.chains.includes(chain));
  if (missing) {
    const last = chains.at(-1)!.chain;
    throw new ConfigurationError(`the backup has chains up to ${last}: set CHARTLEDGER_CHAINS to ${last} or more`);
  }
  const heads = new Map<number, Head>();
  for (const chain of new Set([...store.chains, ...(await store.ledger.chains())])) {
    heads.set(chain, await store.ledger.head(chain));
  }
  for (const [chain, head] of heads) {
    const backedUp = chains.find((one) => one.chain === chain);
    const difference = await differenceOf(store, head, backedUp);
    if (!difference) continue;
    const held = [...heads.values()].filter(({ seq }) => seq >= 0);
    throw new Refused(
      'not_empty',
      `the target is not empty (${held.map(entriesOf).join(', ')}), and holds no beginning of this backup: ${difference.what}. Restore into a new data directory, an empty database, an empty topic`,
      `${chain}:${difference.seq}`,
    );
  }
  return heads;
}

/** Checkpoints that the target knows: what is restored must not contradict what was signed. */
export async function knownCheckpoints(store: BackupStore, chain: number): Promise<SignedCheckpoint[]> {
  const known = [await store.checkpoints.last(chain), await store.checkpointFile(chain).read()];
  return known.filter((checkpoint) => checkpoint !== undefined);
}

function entriesOf({ chain, seq }: Head): string {
  return `chain ${chain} has ${seq + 1} entries`;
}

/** Where the target is no beginning of the backup, and what stands there. */
async function differenceOf(
  store: BackupStore,
  { chain, seq }: Head,
  backedUp: Chain | undefined,
): Promise<{ seq: number; what: string } | undefined> {
  if (seq < 0) return undefined;
  if (!backedUp) return { seq: 0, what: `the backup has no chain ${chain}` };
  const { copied, checkpoint } = backedUp;
  const common = Math.min(seq + 1, checkpoint.size);
  if (common > 0) {
    const [last] = await store.ledger.envelopes(chain, common - 1, common);
    if (!leafHash(last).equals(await leafAt(copied, common - 1))) {
      return { seq: await firstDifference(store, chain, copied, common), what: 'the two have different entries here' };
    }
  }
  return seq + 1 > checkpoint.size ? { seq: checkpoint.size, what: 'the backup ends here' } : undefined;
}

async function firstDifference(store: BackupStore, chain: number, copied: CopiedChain, end: number): Promise<number> {
  for (let from = 0; from < end; from += COMPARED) {
    const envelopes = await store.ledger.envelopes(chain, from, Math.min(end, from + COMPARED));
    for (const [index, envelope] of envelopes.entries()) {
      if (!leafHash(envelope).equals(await leafAt(copied, from + index))) return from + index;
    }
  }
  return end;
}

async function leafAt(copied: CopiedChain, seq: number): Promise<Buffer> {
  const at = seq % TILE_WIDTH;
  const hashes = await copied.hashes(
    0,
    Math.floor(seq / TILE_WIDTH),
    tileWidth(0, Math.floor(seq / TILE_WIDTH), seq + 1),
  );
  return hashes.subarray(at * HASH_BYTES);
}
