import { createHmac } from 'node:crypto';
import * as crypto from 'node:crypto';

/**
 * The keyed pseudonym of a record in envelopes and in the key store: HMAC-SHA256 of source, type and id, each apart by a
 * zero byte, in lower-case hex. Without the key nobody can test a guess.
 */
export function recordPseudonym(key: Buffer, source: string, type: string, id: string): string {
  return createHmac('sha256', key).update(`${source}\0${type}\0${id}`).digest('hex');
}

const oneShot = (crypto as unknown as { hash(algorithm: string, data: string, encoding: 'buffer'): Buffer }).hash;

/**
 * Hashes what is searched by (identifiers, references) to 64 bits under a key, so that an index holds no identifier.
 * SHA-256(key ‖ text) cut to 8 bytes: the cut takes away what a length extension would need. Values that repeat within a
 * batch are hashed once.
 */
export class Tokens {
  private readonly prefix: string;
  private memo = new Map<string, Buffer>();

  /** More than the distinct values of a large batch. */
  private static readonly MEMO_SIZE = 50_000;

  constructor(key: Buffer) {
    this.prefix = createHmac('sha256', key).update('chartledger/tokens/v1').digest('hex');
  }

  /** Eight bytes, to be used as a PostgreSQL `int8`. The parts MUST hold no zero byte. */
  of(...parts: string[]): Buffer {
    const text = parts.join('\0');
    let token = this.memo.get(text);
    if (!token) {
      if (this.memo.size >= Tokens.MEMO_SIZE) this.memo = new Map();
      token = Buffer.from(oneShot('sha256', `${this.prefix}\0${text}`, 'buffer').subarray(0, 8));
      this.memo.set(text, token);
    }
    return token;
  }
}

/** The form in which a token is a parameter or a map's key: the signed 64-bit number as text. */
export function tokenText(token: Buffer): string {
  return token.readBigInt64BE(0).toString();
}
