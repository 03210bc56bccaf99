import { expect, it } from '@jest/globals';
import { emptyHead, SYSTEM_CHAIN } from '@chartledger/ledger';
import { InMemoryLedger, sampleChain } from '@chartledger/testing';
import { resolveRecordsAsOf } from './as-of.js';

const PARTS = 3;

it.each([
  [SYSTEM_CHAIN, [-1, -1, 2, 2, 2, 5]],
  [1, [0, 1, 2, 3, 4, 5]],
])('on chain %i positions are as of %j: what the system decides takes effect together', async (chain, expected) => {
  const ledger = new InMemoryLedger();
  await ledger.append(emptyHead(chain), sampleChain(chain, expected.length, { parts: PARTS }));
  const head = expected.length - 1;
  const resolved = expected.map((_, seq) => resolveRecordsAsOf(ledger, chain, `${chain}:${seq}`, head));
  expect(await Promise.all(resolved)).toEqual(expected);
});
