import { type CheckpointFile, type CheckpointStore } from '@chartledger/audit';
import { poolOf } from '@chartledger/database';
import { type Ledger, ledgerChainSource, type ChainSource, type NoteSigner } from '@chartledger/ledger';
import { identityOf, KeyStore, type LedgerIdentity } from '@chartledger/security';
import { ownChain } from '@chartledger/sequence';
import { type Store } from '../../../chartledger/src/store.js';

/** What a backup reads and a restore writes, over whichever driver. */
export interface BackupStore {
  ledger: Ledger;
  /** 0 first. */
  chains: readonly number[];
  checkpoints: CheckpointStore;
  keyStore: KeyStore;
  identity: LedgerIdentity;
  signer(chain: number): NoteSigner;
  checkpointFile(chain: number): CheckpointFile;
  /** Makes this process the only one that writes the chain. @throws ConfigurationError when another one does. */
  own(chain: number): Promise<{ release(): Promise<void> }>;
}

export function backupStoreOf(store: Store): BackupStore {
  const { ledger, chains, checkpoints, source, keys, config } = store;
  return {
    ledger,
    chains,
    checkpoints,
    keyStore: new KeyStore(source, keys.kek),
    identity: identityOf(keys, config.origin),
    signer: (chain) => store.signer(chain),
    checkpointFile: (chain) => store.checkpointFile(chain),
    own: (chain) => ownChain(poolOf(source), chain),
  };
}

/** The chain as it is up to a checkpoint. The last one ever signed counts too where only the file outside the database has it. */
export function sourceUpTo(store: BackupStore, chain: number, size: number): ChainSource {
  return ledgerChainSource(store.ledger, chain, {
    checkpoints: async (from = 0) => {
      const stored = await store.checkpoints.range(chain, from, size);
      const kept = await store.checkpointFile(chain).read();
      const isMissing = kept?.size === size && stored.at(-1)?.size !== size;
      return isMissing ? [...stored, { size, time: kept.time, note: kept.note }] : stored;
    },
  });
}
