import { createHash, createPublicKey } from 'node:crypto';
import { type DataSource, type Repository } from 'typeorm';
import { ConfigurationError } from '@chartledger/platform';
import { keyCommitment } from './payload-cipher.js';
import { openKeyFiles, type LedgerKeys } from './key-files.js';
import { IdentityRow } from './security.tables.js';

/**
 * Opens the keys and holds them to the ledger that they were made with. Processes that start at once on a new database
 * make them once.
 * @throws ConfigurationError when the keys are missing, are another ledger's, or the origin has changed.
 */
export async function openKeys(
  source: DataSource,
  dataDir: string,
  kekFile: string,
  origin: string,
): Promise<LedgerKeys> {
  return source.transaction(async (manager) => {
    await manager.query(`select pg_advisory_xact_lock(hashtext('chartledger keys'))`);
    return openUnderLock(manager.getRepository(IdentityRow), dataDir, kekFile, origin);
  });
}

async function openUnderLock(
  repository: Repository<IdentityRow>,
  dataDir: string,
  kekFile: string,
  origin: string,
): Promise<LedgerKeys> {
  const stored = await repository.findOneBy({ one: true });
  const keys = await openKeyFiles(dataDir, kekFile, stored !== null);
  if (stored) requireKeysOf(stored, keys, origin);
  else await repository.insert({ one: true, ...identityOf(keys, origin) });
  return keys;
}

/** Which keys a ledger was made with, by commitments that reveal none of them. */
export type LedgerIdentity = Omit<IdentityRow, 'one'>;

/** @throws ConfigurationError when the keys are another ledger's, or the origin is another one. */
export function requireKeysOf(ledger: LedgerIdentity, keys: LedgerKeys, origin: string): void {
  const identity = identityOf(keys, origin);
  for (const field of ['verifier', 'kek', 'pseudonym'] as const) {
    if (ledger[field] !== identity[field]) {
      throw new ConfigurationError(
        `the ${field} key is not the one that this ledger was made with: restore the keys folder from its backup`,
      );
    }
  }
  if (ledger.origin !== origin) {
    throw new ConfigurationError(
      `CHARTLEDGER_ORIGIN is ${origin}, but this ledger's checkpoints were signed as ${ledger.origin}: set it back`,
    );
  }
}

export function identityOf(keys: LedgerKeys, origin: string): LedgerIdentity {
  const spki = createPublicKey(keys.signing).export({ type: 'spki', format: 'der' });
  return {
    origin,
    verifier: createHash('sha256').update(spki).digest('hex'),
    kek: keyCommitment(keys.kek),
    pseudonym: keyCommitment(keys.pseudonym),
  };
}
