import { describe, expect, it } from '@jest/globals';
import { ChainAppender, emptyHead, link } from '@chartledger/ledger';
import { InMemoryLedger } from './in-memory-ledger.js';
import { sampleDrafts } from './sample-chain.js';

const CHAIN = 1;

describe('ChainAppender', () => {
  it('appends for callers that each wait for their own, in whatever interleaving, and leaves none waiting', async () => {
    const ledger = new InMemoryLedger();
    const appender = await ChainAppender.open(ledger, CHAIN, Date.now);
    const client = async (): Promise<void> => {
      for (let round = 0; round < 50; round += 1) {
        const entries = await appender.append(sampleDrafts(2));
        expect(entries[1].seq).toBe(entries[0].seq + 1);
      }
    };
    for (const clients of [1, 2, 7]) await Promise.all(Array.from({ length: clients }, client));
    expect((await ledger.head(CHAIN)).seq).toBe(10 * 50 * 2 - 1);
  });

  it('links again where another writer was faster, and loses nothing', async () => {
    const ledger = new InMemoryLedger();
    const appender = await ChainAppender.open(ledger, CHAIN, Date.now);
    await ledger.append(emptyHead(CHAIN), link(emptyHead(CHAIN), sampleDrafts(3), Date.now()));
    const [first, second] = await Promise.all([appender.append(sampleDrafts(2)), appender.append(sampleDrafts(1))]);
    expect([first[0].seq, second[0].seq]).toEqual([3, 5]);
    expect((await ledger.head(CHAIN)).seq).toBe(5);
  });
});
