import { createCipheriv, createDecipheriv } from 'node:crypto';
import { ConfigurationError } from '@chartledger/platform';
import { nextNonce } from './payload-cipher.js';

const WRAP = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** A data key as it is stored. `owner` is a pseudonym in hex; `wrapped` is null after the key was destroyed. */
export interface StoredKey {
  id: string;
  owner: string;
  wrapped: Buffer | null;
}

/** A data key's secret under the key-encryption key, bound to its id and owner. */
export function wrapKey(kek: Buffer, id: string, owner: string, secret: Buffer): Buffer {
  const nonce = nextNonce();
  const cipher = createCipheriv(WRAP, kek, nonce);
  cipher.setAAD(Buffer.from(`${id} ${owner}`));
  return Buffer.concat([nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
}

/** @throws ConfigurationError when the key does not open: another key-encryption key, or a key that was changed. */
export function unwrapKey(kek: Buffer, id: string, owner: string, wrapped: Buffer): Buffer {
  try {
    const decipher = createDecipheriv(WRAP, kek, wrapped.subarray(0, NONCE_BYTES));
    decipher.setAAD(Buffer.from(`${id} ${owner}`));
    decipher.setAuthTag(wrapped.subarray(wrapped.length - TAG_BYTES));
    const body = decipher.update(wrapped.subarray(NONCE_BYTES, wrapped.length - TAG_BYTES));
    return Buffer.concat([body, decipher.final()]);
  } catch {
    throw new ConfigurationError(
      `the data key ${id} does not open under the key-encryption key: the key file is another one, or the key store was changed`,
    );
  }
}
