import { createCipheriv, createDecipheriv, createHmac, randomFillSync } from 'node:crypto';
import { sha256Hex, type PayloadDigest } from '@chartledger/ledger';

/** A data key with the id under which envelopes name it and its commitment. */
export interface DataKey {
  id: string;
  secret: Buffer;
  commit: string;
}

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * AES-GCM does not commit to its key: a ciphertext can be made that opens under two. The envelope therefore carries
 * HMAC-SHA256(data key, label).
 */
export function keyCommitment(secret: Buffer): string {
  return createHmac('sha256', secret).update('chartledger/commit/v1').digest('hex');
}

/** How many bytes a payload of so many bytes of plaintext has. */
export function sealedBytes(plaintextBytes: number): number {
  return NONCE_BYTES + plaintextBytes + TAG_BYTES;
}

/**
 * Encrypts a payload into `target`, which MUST have `sealedBytes(plaintext.length)` bytes: nonce (12 bytes) ‖ ciphertext ‖
 * tag (16 bytes). `context` is the entry's position-independent fields (`encodeContext`), which the tag binds to the
 * payload.
 */
export function sealPayload(key: DataKey, context: string, plaintext: Uint8Array, target: Buffer): PayloadDigest {
  seal(key, context, plaintext, target);
  return { bytes: target.length, commit: key.commit, key: key.id, sha256: sha256Hex(target) };
}

/** Encrypts what a view keeps of a record under the record's own data key, so that it ends with it. Format as of a payload. */
export function sealExtract(key: DataKey, context: string, plaintext: Uint8Array): Buffer {
  const target = Buffer.allocUnsafe(sealedBytes(plaintext.length));
  seal(key, context, plaintext, target);
  return target;
}

function seal(key: DataKey, context: string, plaintext: Uint8Array, target: Buffer): void {
  target.set(nextNonce(), 0);
  const cipher = createCipheriv(ALGORITHM, key.secret, target.subarray(0, NONCE_BYTES));
  cipher.setAAD(Buffer.from(context));
  target.set(cipher.update(plaintext), NONCE_BYTES);
  cipher.final();
  target.set(cipher.getAuthTag(), NONCE_BYTES + plaintext.length);
}

/** Thrown when a payload does not open: another key, another context, or changed bytes. */
export class PayloadError extends Error {
  readonly code = 'payload_unreadable';
}

/** @throws PayloadError. */
export function openPayload(key: DataKey, context: string, digest: PayloadDigest, payload: Buffer): Buffer {
  if (digest.commit !== key.commit) throw new PayloadError('the envelope commits to another data key');
  return openExtract(key, context, payload);
}

/** The reverse of `sealExtract`. @throws PayloadError. */
export function openExtract(key: Pick<DataKey, 'secret'>, context: string, payload: Buffer): Buffer {
  if (payload.length < NONCE_BYTES + TAG_BYTES) throw new PayloadError('the payload is too short to be a ciphertext');
  const decipher = createDecipheriv(ALGORITHM, key.secret, payload.subarray(0, NONCE_BYTES));
  decipher.setAAD(Buffer.from(context));
  decipher.setAuthTag(payload.subarray(payload.length - TAG_BYTES));
  try {
    const text = decipher.update(payload.subarray(NONCE_BYTES, payload.length - TAG_BYTES));
    decipher.final();
    return text;
  } catch {
    throw new PayloadError('the payload does not open under its data key: its bytes or its envelope were changed');
  }
}

/** Random bytes are drawn for many nonces at once: one system call instead of hundreds. */
const pool = Buffer.alloc(NONCE_BYTES * 512);
let used = pool.length;

/** Copy it: the next ones are drawn over it. */
export function nextNonce(): Buffer {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += NONCE_BYTES;
  return pool.subarray(used - NONCE_BYTES, used);
}
