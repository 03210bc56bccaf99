import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { clusters } from './clusters.js';

const model = { thresholds: { certain: 10_000, link: 0, review: -4_000 } };
const none = { must: [], cannot: [] };

/** Ids of clusters, each sorted, in one order: what of a partition does not hang on the order of its input. */
function byId(ids: readonly string[], partition: readonly (readonly number[])[]): string[][] {
  return partition.map((members) => members.map((at) => ids[at]).sort()).sort((a, b) => (a[0] < b[0] ? -1 : 1));
}

describe('clusters', () => {
  const neighbourhood = fc.integer({ min: 2, max: 9 }).chain((size) =>
    fc.record({
      // Few different scores, so that ties are common.
      scores: fc.array(fc.constantFrom(-20_000, -5_000, -1_000, 0, 1_000, 1_000, 9_000), {
        minLength: size * size,
        maxLength: size * size,
      }),
      order: fc.shuffledSubarray(
        Array.from({ length: size }, (_, at) => at),
        { minLength: size },
      ),
      must: fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)), { maxLength: 2 }),
      cannot: fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)), { maxLength: 2 }),
    }),
  );
  const name = (at: number): string => `record-${at}`;

  it('gives the same partition for any order of arrival', () => {
    fc.assert(
      fc.property(neighbourhood, ({ scores, order, must, cannot }) => {
        const size = order.length;
        const score = (i: number, j: number): number => scores[Math.min(i, j) * size + Math.max(i, j)];
        const inOrder = order.map((_, at) => at);
        const place = (at: number): number => order.indexOf(at);
        const first = clusters(inOrder.map(name), score, { must, cannot }, model);
        const moved = clusters(
          order.map(name),
          (i, j) => score(order[i], order[j]),
          {
            must: must.map(([a, b]) => [place(a), place(b)] as const),
            cannot: cannot.map(([a, b]) => [place(a), place(b)] as const),
          },
          model,
        );
        expect(byId(order.map(name), moved)).toEqual(byId(inOrder.map(name), first));
      }),
    );
  });

  it('never joins what a person told apart, unless a person also linked it', () => {
    fc.assert(
      fc.property(neighbourhood, ({ scores, order, cannot }) => {
        const size = order.length;
        const parts = clusters(
          order.map(name),
          (i, j) => scores[Math.min(i, j) * size + Math.max(i, j)],
          { must: [], cannot },
          model,
        );
        for (const [a, b] of cannot)
          if (a !== b) expect(parts.some((part) => part.includes(a) && part.includes(b))).toBe(false);
      }),
    );
  });

  it('holds together by average, not by one sure pair', () => {
    const pairs: Record<string, number> = { '0,1': 9_000, '1,2': 3_000, '0,2': -9_000 };
    const parts = clusters(['a', 'b', 'c'], (i, j) => pairs[`${i},${j}`], none, model);
    expect(parts).toEqual([[0, 1], [2]]);
  });

  it('keeps together what a person linked', () => {
    expect(clusters(['a', 'b'], () => -20_000, { must: [[0, 1]], cannot: [] }, model)).toEqual([[0, 1]]);
  });
});
