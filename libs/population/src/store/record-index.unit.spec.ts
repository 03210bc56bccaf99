import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { keyNumber, NONE, recordKey, RecordIndex } from './record-index.js';

const pseudonym = fc.tuple(fc.nat(40), fc.constantFrom('00000000', 'ffffffff', '0000000a')).map(
  // Keys that share their low bits, which is where the slots come from, and keys at both ends of 32 bits.
  ([high, low]) => (high === 40 ? 'ffffffff' : high.toString(16).padStart(8, '0')) + low + 'rest',
);
const put = fc.tuple(pseudonym, fc.nat(1_000));

function replace(index: RecordIndex, pseudonym: string, seq: number): number {
  const { high, low } = recordKey(pseudonym);
  return index.put(high, low, seq);
}

describe('the index of records', () => {
  it('says what a map says', () => {
    fc.assert(
      fc.property(fc.array(put, { maxLength: 300 }), (puts) => {
        const index = new RecordIndex();
        const map = new Map<string, number>();
        for (const [key, seq] of puts) {
          expect(replace(index, key, seq)).toBe(map.get(key) ?? NONE);
          map.set(key, seq);
        }
        expect(index.size).toBe(map.size);
      }),
    );
  });

  it('keeps every record when it grows', () => {
    const index = new RecordIndex();
    const keys = Array.from({ length: 20_000 }, (_, n) => Math.imul(n + 1, 0x9e3779b1) >>> 0);
    for (const [seq, key] of keys.entries()) index.put(key, key ^ 0x5bd1e995, seq);
    for (const [seq, key] of keys.entries()) expect(index.put(key, key ^ 0x5bd1e995, seq)).toBe(seq);
  });

  it('takes over what another one knows', () => {
    const index = new RecordIndex();
    const other = new RecordIndex();
    replace(index, '0000000100000001', 1);
    replace(index, '0000000200000002', 2);
    replace(other, '0000000200000002', 7);
    replace(other, '0000000300000003', NONE);
    index.putAll(other);
    expect(replace(index, '0000000100000001', 9)).toBe(1);
    expect(replace(index, '0000000200000002', 9)).toBe(7);
    expect(replace(index, '0000000300000003', 9)).toBe(NONE);
  });

  it('a key is the first 64 bits of the pseudonym', () => {
    const { high, low } = recordKey('fedcba9876543210ffff');
    expect(keyNumber(high, low)).toBe(0xfedc_ba98_7654_3210n);
  });
});
