import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Highs } from 'highs';
import { interval, type Knowledge } from './onlooker.fixture.js';
import { protect } from './protect.js';
import { loadSolver } from './solver.js';
import { tableOf, type Table } from './table.fixture.js';

const THRESHOLD = 11;
let highs: Highs;
beforeAll(async () => {
  highs = await loadSolver();
});

/** What somebody knows who read the answer. */
function published({ regions, counts }: Table, hidden: readonly boolean[]): Knowledge['sums'] {
  return regions.flatMap(({ cells }, index) => {
    const value = cells.reduce((sum, cell) => sum + counts[cell], 0);
    return hidden[index] ? [] : [{ cells, value }];
  });
}

function protectTable(table: Table, threshold = THRESHOLD): boolean[] {
  return protect(highs, { ...table.disclosure, threshold });
}

const tables = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }).chain((sizes) =>
  fc
    .array(fc.oneof(fc.nat(3), fc.nat(14), fc.nat(60), fc.nat(400)), {
      minLength: sizes.reduce((product, size) => product * size, 1),
      maxLength: sizes.reduce((product, size) => product * size, 1),
    })
    .map((counts) => ({ sizes, counts })),
);

describe('protect', () => {
  it('leaves no hidden cell or margin of any table within fewer values than the threshold', () => {
    fc.assert(
      fc.property(tables, ({ sizes, counts }) => {
        const table = tableOf(sizes, counts);
        const hidden = protectTable(table);
        const sums = published(table, hidden);
        for (const { value } of sums) expect(value === 0 || value >= THRESHOLD).toBe(true);
        table.regions.forEach(({ cells }, index) => {
          if (!hidden[index]) return;
          const { low, high } = interval(highs, { cells: counts.length, sums }, cells);
          expect(high - low).toBeGreaterThanOrEqual(THRESHOLD - 1e-6);
        });
      }),
      { numRuns: 60 },
    );
  });

  it('hides a cell that the rule of two per line leaves determined', () => {
    // Two blocks of four and one small cell between them: each line of the nine has at least two.
    const counts = [
      [5, 20, 50, 50],
      [20, 5, 3, 50],
      [50, 50, 5, 20],
      [50, 50, 20, 5],
    ].flat();
    const bridge = 6;
    const byTwo = [0, 1, 4, 5, 6, 10, 11, 14, 15];
    const table = tableOf([4, 4], counts);
    const rule = table.regions.map(({ cells }) => cells.length === 1 && byTwo.includes(cells[0]));
    const leak = interval(highs, { cells: 16, sums: published(table, rule) }, [bridge]);
    expect(leak).toEqual({ low: 3, high: 3 });

    const kept = interval(highs, { cells: 16, sums: published(table, protectTable(table)) }, [bridge]);
    expect(kept.high - kept.low).toBeGreaterThanOrEqual(THRESHOLD);
  });

  it('hides nothing where nothing is small, and everything where all of it is', () => {
    expect(protectTable(tableOf([2, 2], [11, 12, 13, 0])).filter(Boolean)).toHaveLength(0);
    const tiny = tableOf([2, 2], [1, 2, 3, 4]);
    expect(protectTable(tiny).every(Boolean)).toBe(true);
  });

  it('keeps to a higher threshold when one is asked for', () => {
    const counts = [25, 40, 60, 200];
    expect(protectTable(tableOf([2, 2], counts)).some(Boolean)).toBe(false);
    const table = tableOf([2, 2], counts);
    const hidden = protectTable(table, 30);
    const kept = interval(highs, { cells: 4, sums: published(table, hidden) }, [0]);
    expect(kept.high - kept.low).toBeGreaterThanOrEqual(30);
  });
});
