import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { type PayloadDigest, sha256 } from '@chartledger/ledger';
import fc from 'fast-check';
import { type DataKey, keyCommitment, openPayload, PayloadError, sealedBytes, sealPayload } from './payload-cipher.js';
import { recordPseudonym, Tokens } from './pseudonym.js';

function newKey(): DataKey {
  const secret = randomBytes(32);
  return { id: '00000000-0000-4000-8000-000000000001', secret, commit: keyCommitment(secret) };
}

function seal(key: DataKey, context: string, plaintext: Buffer): { payload: Buffer; digest: PayloadDigest } {
  const payload = Buffer.alloc(sealedBytes(plaintext.length));
  return { payload, digest: sealPayload(key, context, plaintext, payload) };
}

const bytes = fc.uint8Array({ maxLength: 500 }).map((array) => Buffer.from(array));

describe('a sealed payload', () => {
  it('opens to what was sealed, whatever it is', () => {
    fc.assert(
      fc.property(bytes, fc.string(), (plaintext, context) => {
        const key = newKey();
        const { payload, digest } = seal(key, context, plaintext);
        expect(digest).toEqual({
          bytes: payload.length,
          commit: key.commit,
          key: key.id,
          sha256: sha256(payload).toString('hex'),
        });
        expect(openPayload(key, context, digest, payload).equals(plaintext)).toBe(true);
      }),
    );
  });

  it('is another each time', () => {
    const key = newKey();
    const sealed = Array.from({ length: 2000 }, () => seal(key, 'c', Buffer.from('same')).payload.toString('hex'));
    expect(new Set(sealed.map((hex) => hex.slice(0, 24))).size).toBe(2000);
  });

  it('does not open when any bit of it is changed, or the context, or the key', () => {
    const key = newKey();
    const { payload, digest } = seal(key, 'context', Buffer.from('a resource'));
    fc.assert(
      fc.property(fc.nat(payload.length * 8 - 1), (bit) => {
        const changed = Buffer.from(payload);
        changed[bit >> 3] ^= 1 << (bit & 7);
        expect(() => openPayload(key, 'context', digest, changed)).toThrow(PayloadError);
      }),
    );
    expect(() => openPayload(key, 'contexT', digest, payload)).toThrow(PayloadError);
    expect(() => openPayload(newKey(), 'context', digest, payload)).toThrow('another data key');
    expect(() => openPayload(key, 'context', { ...digest, commit: 'x' }, payload)).toThrow('another data key');
    for (const length of [0, 12, 27, payload.length - 1]) {
      expect(() => openPayload(key, 'context', digest, payload.subarray(0, length))).toThrow(PayloadError);
    }
  });
});

describe('pseudonyms and tokens', () => {
  it('are the same for the same under one key, and others for others', () => {
    const [one, other] = [randomBytes(32), randomBytes(32)];
    expect(recordPseudonym(one, 's', 'Patient', '1')).toMatch(/^[0-9a-f]{64}$/);
    expect(recordPseudonym(one, 's', 'Patient', '1')).toBe(recordPseudonym(one, 's', 'Patient', '1'));
    expect(recordPseudonym(one, 's', 'Patient', '1')).not.toBe(recordPseudonym(other, 's', 'Patient', '1'));
    expect(recordPseudonym(one, 'sP', 'atient', '1')).not.toBe(recordPseudonym(one, 's', 'Patient', '1'));
    const tokens = new Tokens(one);
    expect(new Tokens(one).of('a', 'b')).toBe(tokens.of('a', 'b'));
    expect(new Set([tokens.of('a', 'b'), tokens.of('ab'), new Tokens(other).of('a', 'b')]).size).toBe(3);
  });

  it('are 8 bytes as Latin-1 characters', () => {
    const tokens = new Tokens(randomBytes(32));
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(Buffer.from(tokens.of(text), 'latin1').toString('latin1')).toBe(tokens.of(text));
        expect(tokens.of(text).length).toBe(8);
      }),
    );
  });
});
