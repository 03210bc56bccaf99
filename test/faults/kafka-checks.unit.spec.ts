import { describe, expect, it } from '@jest/globals';
import { sampleChain } from '@chartledger/testing';
import { chainFault, readEntry, readingFault, type ReadEntry } from './kafka-checks.js';
import { WriterRecord } from './kafka-record.js';

const CHAIN = sampleChain(1, 6).map(readEntry);

/** Everything was sent, the first four were acknowledged. */
function recordOf(chain: readonly ReadEntry[]): WriterRecord {
  const record = new WriterRecord();
  for (const { id } of chain) record.send(id);
  for (const { id, seq } of chain.slice(0, 4)) record.acknowledge(id, seq);
  return record;
}

/** Links what is left as a ledger would have done. */
function relinked(chain: readonly ReadEntry[]): ReadEntry[] {
  let prev = '0'.repeat(64);
  return chain.map((entry, seq) => {
    const linked = { ...entry, seq, prev, leaf: `${entry.leaf.slice(0, -4)}${seq.toString().padStart(4, '0')}` };
    prev = linked.leaf;
    return linked;
  });
}

describe('the checks of a chain', () => {
  it('pass a chain that has what was acknowledged, and what was not at most once', () => {
    expect(chainFault(recordOf(CHAIN), CHAIN)).toBeUndefined();
    expect(chainFault(recordOf(CHAIN), CHAIN.slice(0, 5))).toBeUndefined();
    expect(readingFault(CHAIN, [...CHAIN], 'a reader')).toBeUndefined();
  });

  it.each<[string, string, ReadEntry[]]>([
    ['an acknowledged entry is missing', 'is nowhere', relinked(CHAIN.toSpliced(2, 1))],
    ['the acknowledged tail is missing', 'is nowhere', CHAIN.slice(0, 3)],
    ['an acknowledged entry is twice', 'and again at', relinked([...CHAIN, CHAIN[1]])],
    ['another one is twice', 'and again at', relinked([...CHAIN, CHAIN[5]])],
    ['one stands elsewhere than was told', 'and stands at', relinked([CHAIN[1], CHAIN[0], ...CHAIN.slice(2)])],
    ['a link is broken', 'a fork', CHAIN.with(3, { ...CHAIN[3], leaf: 'f'.repeat(64) })],
    ['a place is left out', 'with seq', CHAIN.toSpliced(2, 1)],
    ['nobody sent it', 'was never sent', relinked([...CHAIN, { ...CHAIN[0], id: 'of another' }])],
  ])('fail when %s', (_what, message, chain) => {
    expect(chainFault(recordOf(CHAIN), chain)).toContain(message);
  });

  it.each<[string, ReadEntry[]]>([
    ['less', CHAIN.slice(0, 5)],
    ['more', [...CHAIN, CHAIN[0]]],
    ['another payload', CHAIN.with(4, { ...CHAIN[4], payload: 'f'.repeat(64) })],
  ])('fail when a reader has %s', (_what, chain) => {
    expect(readingFault(CHAIN, chain, 'a reader')).toContain('a reader has');
  });
});
