import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Highs } from 'highs';
import { countQuestion, type CountResult } from './count-question.js';
import { type CountRow } from './counts.sql.js';
import { interval } from './onlooker.fixture.js';
import { type AskedQuestion } from './question.js';
import { loadSolver } from './solver.js';

const THRESHOLD = 11;
let highs: Highs;
beforeAll(async () => {
  highs = await loadSolver();
});

const SIZE = 3;
const NAMES = Array.from({ length: SIZE }, (_, level) => `v${level}`);
type Dimension = AskedQuestion['question']['dimensions'][number];
const dimension = (column: string, values = NAMES): Dimension => ({ column, kind: 'text', values });

/** A table of two dimensions over patients with one cell or several. */
function count(patients: readonly { cells: readonly number[]; count: number }[]): CountResult {
  const rows = patients.map(({ cells, count }) => ({
    values: cells.map((cell) => [NAMES[Math.floor(cell / SIZE)], NAMES[cell % SIZE]]),
    count,
  }));
  return countRows([dimension('a'), dimension('b')], rows);
}

function countRows(dimensions: Dimension[], rows: readonly { values: string[][]; count: number }[]): CountResult {
  return countQuestion(highs, {
    question: { view: 'v', version: 1, dimensions, filters: [] },
    project: { name: 'p', unit: 'patient', threshold: THRESHOLD },
    positions: new Map(),
    asked: [],
    rows: rows.map(({ values, count }): CountRow => ({
      rows: JSON.stringify(values.map((one) => ['0', ...one])),
      n: count,
    })),
  });
}

/** Whether a patient in these cells counts in a cell or margin of the answer. */
function isIn(cells: readonly number[], place: Readonly<Record<string, unknown>>): boolean {
  return cells.some(
    (cell) =>
      (place['a'] === undefined || place['a'] === NAMES[Math.floor(cell / SIZE)]) &&
      (place['b'] === undefined || place['b'] === NAMES[cell % SIZE]),
  );
}

const singles = fc.array(fc.oneof(fc.nat(3), fc.nat(14), fc.nat(90)), {
  minLength: SIZE * SIZE,
  maxLength: SIZE * SIZE,
});
const contradictions = fc.array(fc.uniqueArray(fc.nat(SIZE * SIZE - 1), { minLength: 2, maxLength: 2 }), {
  maxLength: 4,
});

describe('a table in which a few patients fall into two cells', () => {
  it('keeps its small cells from somebody who knows these few', () => {
    fc.assert(
      fc.property(singles, contradictions, (counts, several) => {
        fc.pre(several.length * 10 <= counts.reduce((sum, one) => sum + one, 0));
        const known = several.map((cells) => ({ cells, count: 1 }));
        const patients = [
          ...counts.map((count, cell) => ({ cells: [cell], count })).filter(({ count }) => count > 0),
          ...known,
        ];
        const { answer } = count(patients);
        const truth = (place: object, list: readonly { cells: readonly number[]; count: number }[]): number =>
          list.reduce((sum, { cells, count }) => sum + (isIn(cells, { ...place }) ? count : 0), 0);
        const all = [...answer.cells, ...answer.margins];
        const cellsOf = (place: object): number[] =>
          counts.flatMap((_, cell) => (isIn([cell], { ...place }) ? [cell] : []));
        const sums = all.flatMap((cell) => {
          if (cell.count === null) return [];
          expect(cell.count).toBe(truth(cell, patients));
          expect(cell.count === 0 || cell.count >= THRESHOLD).toBe(true);
          return [{ cells: cellsOf(cell), value: cell.count - truth(cell, known) }];
        });
        for (const cell of all) {
          if (cell.count !== null || truth(cell, patients) === truth(cell, known)) continue;
          const { low, high } = interval(highs, { cells: counts.length, sums }, cellsOf(cell));
          expect(high - low).toBeGreaterThanOrEqual(THRESHOLD - 1e-6);
        }
      }),
      { numRuns: 80 },
    );
  });
});

describe('a table in which most patients fall into several cells', () => {
  it('does not tell how many are in one cell and not in the other', () => {
    const { answer } = count([
      { cells: [0, 1], count: 60 },
      { cells: [0], count: 3 },
      { cells: [1, 4], count: 40 },
    ]);
    expect(answer.dimensions.map(({ values }) => values)).toEqual(['several', 'several']);
    // 63 in the first cell, of whom 60 are in the second too; the second's 100 and the 103 of all tell the 3.
    const told = [...answer.cells, ...answer.margins].map(({ count }) => count);
    expect(told.includes(103) && told.includes(100)).toBe(false);
  });

  it('answers over more kinds of patients than programs can be made of, and hides the rare value', () => {
    const names = Array.from({ length: 13 }, (_, level) => `v${level}`);
    const sets = Array.from({ length: 1 << 13 }, (_, bits) => names.filter((_, level) => bits & (1 << level)));
    const rows = sets.slice(1).map((set) => ({ values: set.map((name) => [name]), count: 1 }));
    rows.push({ values: [['rare'], ['v1']], count: 4 });
    const { answer } = countRows([dimension('a', [...names, 'rare'])], rows);
    expect(answer.cells.find(({ a }) => a === 'rare')).toEqual({ a: 'rare', count: null, hidden: 'small-cells' });
    expect(answer.cells.filter(({ count }) => count === 4096).length).toBeGreaterThanOrEqual(11);
  });
});
