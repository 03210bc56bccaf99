import { createPrivateKey, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ConfigurationError } from '@chartledger/platform';

/** The secrets that live outside the database, so that its owner cannot forge, read or guess. */
export interface LedgerKeys {
  /** Key-encryption key: wraps the data keys. 32 bytes. */
  kek: Buffer;
  /** Keys the pseudonyms of records and the hashes of identifiers. 32 bytes. */
  pseudonym: Buffer;
  /** The ledger's Ed25519 key, which signs checkpoints. */
  signing: KeyObject;
}

const SECRET_BYTES = 32;

/**
 * Reads the key files, or makes them (mode 0600) when `initialised` is false, that is, when there is no ledger yet.
 * @throws ConfigurationError when a ledger exists and one of its key files does not: a new key would silently cut the
 * ledger off from what was signed and encrypted before.
 */
export async function openKeyFiles(dataDir: string, kekFile: string, initialised: boolean): Promise<LedgerKeys> {
  const files = {
    kek: kekFile,
    pseudonym: join(dataDir, 'keys', 'pseudonym'),
    signing: join(dataDir, 'keys', 'ledger-ed25519.pem'),
  };
  const missing = Object.values(files).filter((file) => !existsSync(file));
  if (missing.length > 0 && (initialised || missing.length < 3) && !isFirstKek(files, missing, initialised)) {
    throw new ConfigurationError(
      `this ledger's keys are missing: ${missing.join(', ')}. Restore them from their backup; without them nothing can be decrypted or signed`,
    );
  }
  await makeMissing(files, missing);
  return {
    kek: await readSecret(files.kek),
    pseudonym: await readSecret(files.pseudonym),
    signing: await readSigningKey(files.signing),
  };
}

/** A key-encryption key that an operator placed beforehand comes without the other two; they are then made. */
function isFirstKek(files: Record<'kek', string>, missing: string[], initialised: boolean): boolean {
  return !initialised && missing.length === 2 && !missing.includes(files.kek);
}

async function makeMissing(files: Record<'kek' | 'pseudonym' | 'signing', string>, missing: string[]): Promise<void> {
  for (const file of missing) {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const content = file === files.signing ? newSigningKey() : `${randomBytes(SECRET_BYTES).toString('base64')}\n`;
    await writeFile(file, content, { mode: 0o600, flag: 'wx' });
  }
}

function newSigningKey(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
}

async function readSigningKey(file: string): Promise<KeyObject> {
  const pem = await readFile(file);
  try {
    return createPrivateKey(pem);
  } catch {
    throw new ConfigurationError(`${file} holds no private key: restore it from its backup`);
  }
}

async function readSecret(file: string): Promise<Buffer> {
  const secret = Buffer.from((await readFile(file, 'utf8')).trim(), 'base64');
  if (secret.length !== SECRET_BYTES) throw new ConfigurationError(`${file} must hold ${SECRET_BYTES} bytes in base64`);
  return secret;
}
