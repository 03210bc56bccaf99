import { ChainFaultError, type SignedCheckpoint } from '@chartledger/ledger';
import { IntegrityError } from '@chartledger/platform';
import { type Subject, verifySubject } from '../verify/verify.js';
import { requireIdentity } from './backup-folder.js';
import { type BackupStore } from './backup-store.js';
import { type BackedUpChain, chainsOfFolder, checkFolder, sizesOf } from './check-folder.js';
import { readKeyStoreFile } from './key-store-file.js';
import { restoreCheckpointFile, restoreCheckpoints, restoreEntries } from './restore-chain.js';
import { headsOfTarget, knownCheckpoints } from './restore-target.js';

/** What became of one chain, with its root in hex as the backup and as the target have it. */
export interface RestoredChain {
  chain: number;
  /** How many entries the target had before: more than none where a restore was interrupted. */
  from: number;
  size: number;
  backup: { checkpoint: SignedCheckpoint; root: string };
  target: { checkpoint: SignedCheckpoint; root: string };
}

export interface RestoreResult {
  chains: RestoredChain[];
  keys: number;
}

export type RestoreStep = 'checking the backup' | 'restoring' | 'verifying the target';
export type OnRestore = (step: RestoreStep, chain: number, done: number, total: number) => void;

/**
 * Restores the backup in `dir` into a target that is empty, or that an interrupted restore of it left behind. Entries,
 * payloads, checkpoints, tiles and data keys come back byte for byte; views are built from them by the server's next start.
 *
 * The last checkpoint, to which a server holds the log, comes first: until the last entry is there, no server starts. Data
 * keys come before the entries that need them.
 * @param subject the target for the verification at the end.
 * @throws Refused, ChainFaultError when the target is not empty or the backup not sound, with nothing written;
 *   ConfigurationError when another process has a chain of the target.
 */
export async function restore(
  store: BackupStore,
  dir: string,
  subject: () => Promise<Subject>,
  on: OnRestore = () => undefined,
): Promise<RestoreResult> {
  await requireIdentity(dir, store.identity);
  const found = await chainsOfFolder(dir);
  const owners: { release(): Promise<void> }[] = [];
  try {
    for (const chain of store.chains) owners.push(await store.own(chain));
    const heads = await headsOfTarget(store, found);
    const chains = await checkFolder(
      store,
      dir,
      found,
      (chain) => knownCheckpoints(store, chain),
      (chain, done, total) => on('checking the backup', chain, done, total),
    );
    for (const one of chains) await restoreCheckpointFile(store.checkpointFile(one.chain), one);
    let keys = 0;
    for await (const batch of readKeyStoreFile(dir, sizesOf(chains))) {
      await store.keyStore.add(batch);
      keys += batch.length;
    }
    for (const one of chains) {
      const total = one.checkpoint.size;
      await restoreEntries(store.ledger, one, heads.get(one.chain)!, (done) => on('restoring', one.chain, done, total));
      await restoreCheckpoints(store.checkpoints, one);
    }
    const roots = await verifyTarget(await subject(), chains, on);
    const restored = chains.map(async (one): Promise<RestoredChain> => {
      const { chain, checkpoint, root } = one;
      const target = { checkpoint: (await store.checkpoints.last(chain))!, root: roots.get(chain)! };
      return { chain, from: heads.get(chain)!.seq + 1, size: checkpoint.size, backup: { checkpoint, root }, target };
    });
    return { chains: (await Promise.all(restored)).map(requireEqual), keys };
  } finally {
    for (const owner of owners) await owner.release();
  }
}

async function verifyTarget(
  subject: Subject,
  chains: readonly BackedUpChain[],
  on: OnRestore,
): Promise<Map<number, string>> {
  const sizes = new Map(chains.map(({ chain, checkpoint }) => [chain, checkpoint.size]));
  const roots = new Map<number, string>();
  const held = { ...subject, chains: subject.chains.filter(({ chain }) => sizes.has(chain)) };
  const verdicts = await verifySubject(held, undefined, (chain, done) =>
    on('verifying the target', chain, done, sizes.get(chain)!),
  );
  for (const verdict of verdicts) {
    if (!verdict.ok) throw new ChainFaultError(verdict);
    roots.set(verdict.chain, verdict.root);
  }
  return roots;
}

function requireEqual(restored: RestoredChain): RestoredChain {
  const { chain, backup, target } = restored;
  if (backup.checkpoint.note === target.checkpoint.note && backup.root === target.root) return restored;
  throw new IntegrityError(
    `chain ${chain} was restored, and is not what the backup has: do not use this target, and report this`,
  );
}
