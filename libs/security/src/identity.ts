import { createHash, createPublicKey } from 'node:crypto';
import { type DataSource } from 'typeorm';
import { ConfigurationError } from '@chartledger/platform';
import { keyCommitment } from './payload-cipher.js';
import { openKeyFiles, type LedgerKeys } from './key-files.js';
import { IdentityRow } from './security.tables.js';

/**
 * Opens the keys and holds them to the ledger that they were made with.
 * @throws ConfigurationError when the keys are missing, are another ledger's, or the origin has changed.
 */
export async function openKeys(
  source: DataSource,
  dataDir: string,
  kekFile: string,
  origin: string,
): Promise<LedgerKeys> {
  const repository = source.getRepository(IdentityRow);
  const stored = await repository.findOneBy({ one: true });
  const keys = await openKeyFiles(dataDir, kekFile, stored !== null);
  const identity = identityOf(keys, origin);
  if (!stored) {
    await repository.insert(identity);
    return keys;
  }
  for (const field of ['verifier', 'kek', 'pseudonym'] as const) {
    if (stored[field] !== identity[field]) {
      throw new ConfigurationError(
        `the ${field} key is not the one that this ledger was made with: restore the keys folder from its backup`,
      );
    }
  }
  if (stored.origin !== origin) {
    throw new ConfigurationError(
      `CHARTLEDGER_ORIGIN is ${origin}, but this ledger's checkpoints were signed as ${stored.origin}: set it back`,
    );
  }
  return keys;
}

function identityOf(keys: LedgerKeys, origin: string): IdentityRow {
  const spki = createPublicKey(keys.signing).export({ type: 'spki', format: 'der' });
  return {
    one: true,
    origin,
    verifier: createHash('sha256').update(spki).digest('hex'),
    kek: keyCommitment(keys.kek),
    pseudonym: keyCommitment(keys.pseudonym),
  };
}
