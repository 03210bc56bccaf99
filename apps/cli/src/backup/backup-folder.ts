import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatVerifierKey, keysFile, isDraft, namesIn, replaceFile, type NoteSigner } from '@chartledger/ledger';
import { ConfigurationError } from '@chartledger/platform';
import { type LedgerIdentity } from '@chartledger/security';
import { Refused } from './refused.js';

/** Which ledger the folder is the backup of, by commitments to its keys that reveal none of them. */
const identityFile = (dir: string): string => join(dir, 'identity.json');

/**
 * Makes a folder this ledger's backup, or finds that it is.
 * @throws Refused when it holds anything else.
 */
export async function claimFolder(
  dir: string,
  identity: LedgerIdentity,
  signers: readonly NoteSigner[],
): Promise<void> {
  const names = (await namesIn(dir)).filter((name) => !isDraft(name));
  const isNew = names.length === 0;
  if (!isNew && !names.includes('identity.json')) {
    throw new Refused('not_a_backup', `${dir} holds something else than a backup: name an empty or a new folder`);
  }
  if (!isNew) await requireIdentity(dir, identity);
  await replaceFile(identityFile(dir), identityText(identity));
  await replaceFile(keysFile(dir), keysText(signers));
}

/** @throws Refused when the folder is no backup, or of another ledger. */
export async function requireIdentity(dir: string, identity: LedgerIdentity): Promise<void> {
  const held = await readIdentity(dir);
  if (identityText(held) === identityText(identity)) return;
  throw new Refused(
    'foreign_folder',
    `${dir} is the backup of another ledger (${held.origin}): name the folder of this one, or a new one`,
  );
}

/** @throws Refused when the folder is no backup, ConfigurationError when there is none. */
export async function readIdentity(dir: string): Promise<LedgerIdentity> {
  if ((await namesIn(dir)).length === 0) {
    throw new ConfigurationError(`${dir} does not exist or is empty: name a folder that \`chartledger backup\` wrote`);
  }
  const text = await readFile(identityFile(dir), 'utf8').catch(() => '');
  try {
    const { origin, verifier, kek, pseudonym } = JSON.parse(text) as LedgerIdentity;
    const identity = { origin, verifier, kek, pseudonym };
    if (identityText(identity) === text) return identity;
  } catch {
    // Said below.
  }
  throw new Refused(
    'not_a_backup',
    `${dir} is not a backup, or was altered: identity.json is ${text === '' ? 'missing' : 'not as a backup writes it'}`,
  );
}

/** @throws Refused when the verifier keys in the folder are not this ledger's. */
export async function requireKeysFile(dir: string, signers: readonly NoteSigner[]): Promise<void> {
  if ((await readFile(keysFile(dir), 'utf8').catch(() => '')) === keysText(signers)) return;
  throw new Refused('keys_altered', `${keysFile(dir)} does not hold this ledger's verifier keys: it was altered`);
}

function identityText({ origin, verifier, kek, pseudonym }: LedgerIdentity): string {
  return `${JSON.stringify({ origin, verifier, kek, pseudonym })}\n`;
}

function keysText(signers: readonly NoteSigner[]): string {
  return signers.map((signer) => `${formatVerifierKey(signer)}\n`).join('');
}
