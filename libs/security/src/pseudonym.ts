import { createHmac } from 'node:crypto';
import * as crypto from 'node:crypto';

/**
 * The keyed pseudonym of a record in envelopes and in the key store: HMAC-SHA256 of source, type and id, each apart by a
 * zero byte, in lower-case hex. Without the key nobody can test a guess.
 */
export function recordPseudonym(key: Buffer, source: string, type: string, id: string): string {
  return createHmac('sha256', key).update(`${source}\0${type}\0${id}`).digest('hex');
}

const oneShot = (crypto as unknown as { hash(algorithm: string, data: string, encoding: 'latin1'): string }).hash;

/** Eight bytes as a string of as many Latin-1 characters: a key of a map, and a PostgreSQL `int8` by `int8Array`. */
export type Token = string;

const TOKEN_BYTES = 8;

/**
 * Hashes what is searched by (identifiers, references) to 64 bits under a key, so that an index holds no identifier.
 * SHA-256(key ‖ text) cut to 8 bytes: the cut takes away what a length extension would need. Values that repeat within a
 * batch are hashed once.
 */
export class Tokens {
  private readonly prefix: string;
  private memo = new Map<string, Token>();

  /** The distinct values of a large batch; more would be kept for nothing and slow the garbage collector. */
  private static readonly MEMO_SIZE = 8_000;

  constructor(key: Buffer) {
    this.prefix = createHmac('sha256', key).update('chartledger/tokens/v1').digest('hex');
  }

  /** The token of some text in parts, which MUST hold no zero byte. */
  of(...parts: string[]): Token {
    const text = parts.join('\0');
    let token = this.memo.get(text);
    if (token === undefined) {
      if (this.memo.size >= Tokens.MEMO_SIZE) this.memo = new Map();
      token = oneShot('sha256', `${this.prefix}\0${text}`, 'latin1').slice(0, TOKEN_BYTES);
      this.memo.set(text, token);
    }
    return token;
  }
}
