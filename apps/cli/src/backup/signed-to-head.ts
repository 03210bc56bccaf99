import { setTimeout as delay } from 'node:timers/promises';
import { ChainTree } from '@chartledger/audit';
import { noteVerifier, type SignedCheckpoint } from '@chartledger/ledger';
import { createLogger, systemClock, UnavailableError } from '@chartledger/platform';
import { type BackupStore } from './backup-store.js';

/** A running server signs within a second; a busy machine is given longer. */
const DEADLINE_MS = 30_000;
const POLL_MS = 100;

/**
 * A checkpoint over every entry that the chain has at the call. A running server is about to sign one; where no server has
 * the chain, what a killed one left unsigned is signed here, as the next start of a server would.
 * @throws IntegrityError when the chain is not what was signed last.
 */
export async function signedToHead(store: BackupStore, chain: number): Promise<SignedCheckpoint> {
  const { seq } = await store.ledger.head(chain);
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    const last = await lastSigned(store, chain);
    if (last && last.size > seq) return last;
    if (await signWhereNobodyElseDoes(store, chain)) continue;
    if (performance.now() > deadline) {
      throw new UnavailableError(
        `chain ${chain}: a server has the chain, but did not sign a checkpoint over entry ${chain}:${seq} within ${DEADLINE_MS / 1000} s: look into its log`,
      );
    }
    await delay(POLL_MS);
  }
}

/** The larger of what the database and the file beside it have. */
async function lastSigned(store: BackupStore, chain: number): Promise<SignedCheckpoint | undefined> {
  const stored = await store.checkpoints.last(chain);
  const kept = await store.checkpointFile(chain).read();
  return kept && (!stored || kept.size > stored.size) ? kept : stored;
}

async function signWhereNobodyElseDoes(store: BackupStore, chain: number): Promise<boolean> {
  const owner = await store.own(chain).catch(() => undefined);
  if (!owner) return false;
  try {
    await treeOf(store, chain).start();
    return true;
  } finally {
    await owner.release();
  }
}

/** The tree as a server has it; its start holds the log to its last checkpoint, and signs. */
export function treeOf(store: BackupStore, chain: number): ChainTree {
  const signer = store.signer(chain);
  const context = {
    ledger: store.ledger,
    store: store.checkpoints,
    file: store.checkpointFile(chain),
    signer,
    verifier: noteVerifier(signer.name, signer.publicKey),
    clock: systemClock,
    logger: createLogger('warn'),
  };
  return new ChainTree(context, chain);
}
