import {
  chainFolder,
  type ChainCopy,
  extendChainDirectory,
  noteVerifier,
  type SignedCheckpoint,
} from '@chartledger/ledger';
import { claimFolder } from './backup-folder.js';
import { type BackupStore, sourceUpTo } from './backup-store.js';
import { writeKeyStoreFile } from './key-store-file.js';
import { signedToHead } from './signed-to-head.js';

export interface BackupResult {
  chains: ChainCopy[];
  /** Data keys in the key store, destroyed ones included. */
  keys: number;
}

/** Told how far a chain is: `done` of `total` entries, `from` of which were there before. */
export type OnChain = (chain: number, done: number, total: number) => void;

/**
 * Brings the backup in `dir` up to the entries that the ledger has at the call, of a server that runs or is stopped. What
 * is copied is held to the chain and its checkpoints on the way. Interrupted, it leaves a sound older backup, and can be
 * done again.
 * @throws Refused, ChainFaultError when the folder is of another ledger or no beginning of this one, or this one is not
 *   sound; IntegrityError when the ledger is not what was signed last.
 */
export async function backup(
  store: BackupStore,
  dir: string,
  onChain: OnChain = () => undefined,
): Promise<BackupResult> {
  const signers = store.chains.map((chain) => store.signer(chain));
  await claimFolder(dir, store.identity, signers);
  const ends = await consistentEnds(store);
  const chains: ChainCopy[] = [];
  for (const [index, chain] of store.chains.entries()) {
    const { size } = ends.get(chain)!;
    const verifier = noteVerifier(signers[index].name, signers[index].publicKey);
    const copy = await extendChainDirectory(
      sourceUpTo(store, chain, size),
      chainFolder(dir, chain),
      [verifier],
      (done) => onChain(chain, done, size),
    );
    chains.push(copy);
  }
  // After the entries: a key is stored before what it encrypts is appended, so this has every key that they need.
  const sizes = Object.fromEntries(chains.map(({ chain, size }) => [chain, size]));
  return { chains, keys: await writeKeyStoreFile(dir, store.keyStore.keys(), sizes) };
}

/**
 * Where each chain of the backup ends. The system's chain is asked last: an entry of a source stands on the registration of
 * that source, so what chain 1 refers to in chain 0 is in the backup.
 */
async function consistentEnds(store: BackupStore): Promise<Map<number, SignedCheckpoint>> {
  const ends = new Map<number, SignedCheckpoint>();
  for (const chain of [...store.chains].reverse()) ends.set(chain, await signedToHead(store, chain));
  return ends;
}
