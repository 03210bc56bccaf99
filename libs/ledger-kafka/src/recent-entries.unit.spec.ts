import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sampleChain } from '@chartledger/testing';
import { type AcceptedEntry } from './chain-fold.js';
import { RecentEntries } from './recent-entries.js';

const ENTRIES = sampleChain(1, 60, { payloadBytes: 1024 * 1024 }).map((entry, offset): AcceptedEntry => {
  return { ...entry, offset };
});
const seqs = (entries: readonly AcceptedEntry[]): number[] => entries.map(({ seq }) => seq);

describe('recent entries', () => {
  it('hold everything that the copy does not have, whatever is pushed and copied when', () => {
    const step = fc.record({ push: fc.nat({ max: 9 }), copied: fc.nat({ max: 70 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const recent = new RecentEntries(-1);
        let next = 0;
        let copied = -1;
        for (const { push, copied: seq } of steps) {
          recent.push(ENTRIES.slice(next, next + push));
          next = Math.min(next + push, ENTRIES.length);
          recent.copied(seq);
          copied = Math.max(copied, seq);
          expect(seqs(recent.slice(copied + 1, next))).toEqual(seqs(ENTRIES.slice(copied + 1, next)));
          expect(recent.firstSeq).toBeLessThanOrEqual(copied + 1);
          expect(seqs(recent.slice(0, next))).toEqual(seqs(ENTRIES.slice(recent.firstSeq, next)));
        }
      }),
    );
  });

  it('forget what the copy has, beyond what readers may still want', () => {
    const recent = new RecentEntries(-1);
    recent.push(ENTRIES);
    expect([recent.firstSeq, recent.hasRoom]).toEqual([0, false]);
    recent.copied(59);
    expect([recent.firstSeq > 40, recent.hasRoom]).toEqual([true, true]);
    expect(recent.at(recent.firstSeq - 1)).toBeUndefined();
    expect(recent.at(59)).toBe(ENTRIES[59]);
  });

  it('are copied in pieces of a bounded size, one at least', () => {
    const recent = new RecentEntries(9);
    recent.push(ENTRIES.slice(10, 20));
    expect(seqs(recent.uncopied(100, 3 * 1024 * 1024 + 9_000))).toEqual([10, 11, 12]);
    expect(seqs(recent.uncopied(2, Infinity))).toEqual([10, 11]);
    expect(seqs(recent.uncopied(100, 1))).toEqual([10]);
    recent.copied(19);
    expect(recent.uncopied(100, Infinity)).toEqual([]);
  });
});
