import { describe, expect, it } from '@jest/globals';
import { namedVersion } from './named-version.js';

const versions = [
  { version: 1, seq: 10 },
  { version: 2, seq: 20 },
  { version: 3, seq: 30 },
];

function named(seq: number, first = seq, last = seq, number?: number): number | undefined {
  return namedVersion(versions, { seq, first, last }, number)?.version;
}

describe('the version that a reference names', () => {
  it('is the one current at the entry', () => {
    expect(named(15)).toBe(1);
    expect(named(29)).toBe(2);
    expect(named(99)).toBe(3);
  });

  it('is the one of the same submission, before or after the entry', () => {
    expect(named(21, 18, 22)).toBe(2);
    expect(named(18, 18, 22)).toBe(2);
  });

  it('is the latest so far where a batch holds several', () => {
    expect(named(25, 5, 40)).toBe(2);
    expect(named(5, 5, 40)).toBe(1);
  });

  it('is the one with the number, if it was there by the end of the submission', () => {
    expect(named(99, 99, 99, 1)).toBe(1);
    expect(named(18, 18, 22, 2)).toBe(2);
    expect(named(15, 15, 15, 3)).toBeUndefined();
  });

  it('is none before there was one', () => {
    expect(named(5)).toBeUndefined();
  });
});
