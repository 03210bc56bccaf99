import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Highs } from 'highs';
import { type DataSource } from 'typeorm';
import { migrate, openDataSource, poolOf } from '@chartledger/database';
import { ANONYMOUS } from '@chartledger/platform';
import { startTestDatabase, type TestDatabase } from '@chartledger/testing';
import { type CellAnswer, type CountsAnswer } from './answer.js';
import { AskedQuestions } from './asked-questions.js';
import { countQuestion } from './count-question.js';
import { CountsService } from './counts.service.js';
import { countsTables } from './counts.tables.js';
import { DuckViews, type ViewRow } from './duck-views.fixture.js';
import { interval, type Knowledge } from './onlooker.fixture.js';
import { loadSolver } from './solver.js';

const THRESHOLD = 11;
let database: TestDatabase;
let source: DataSource;
let views: DuckViews;
let highs: Highs;
let service: CountsService;
let projects = 0;

beforeAll(async () => {
  database = await startTestDatabase();
  const connection = await database.another();
  await migrate(connection, countsTables);
  source = await openDataSource(connection, countsTables);
  views = await DuckViews.open();
  highs = await loadSolver();
  service = new CountsService(views, new AskedQuestions(poolOf(source)), async (task) => countQuestion(highs, task));
});
afterAll(async () => {
  views.close();
  await source.destroy();
  await database.stop();
});

const nextProject = (): string => `p${++projects}`;
const ask = (body: object): Promise<CountsAnswer> => service.counts(ANONYMOUS, body);
const allCells = (answer: CountsAnswer): CellAnswer[] => [...answer.cells, ...answer.margins];

const COLUMNS = ['a', 'b', 'c'].map((name) => ({ name, type: 'VARCHAR' }));

/** Patients by their three values and by whether they came at position 0 or at 1: three, three, two and two kinds. */
const KINDS = Array.from({ length: 36 }, (_, kind) => ({
  a: `a${kind % 3}`,
  b: `b${Math.floor(kind / 3) % 3}`,
  c: `c${Math.floor(kind / 9) % 2}`,
  from: Math.floor(kind / 18),
}));
type Kind = (typeof KINDS)[number];

const populations = fc.array(fc.oneof(fc.nat(2), fc.nat(12), fc.nat(70)), { minLength: 36, maxLength: 36 });
const questions = fc.array(
  fc.record({
    dimensions: fc.subarray(['a', 'b', 'c'], { maxLength: 2 }),
    filters: fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 0, max: 2 }), { maxKeys: 2 }),
    leave: fc.boolean(),
    seq: fc.nat(1),
  }),
  { minLength: 2, maxLength: 6 },
);

/** The filters of a question: to have a value, or not to have it. */
function filtersOf({ filters, leave }: { filters: Record<string, number>; leave: boolean }): object[] {
  return Object.entries(filters).map(([column, level]) => ({
    column,
    op: leave ? '!=' : '=',
    value: `${column}${level}`,
  }));
}

async function putPopulation(counts: readonly number[]): Promise<void> {
  const rows = KINDS.flatMap(({ a, b, c, from }, kind) =>
    Array.from({ length: counts[kind] }, (_, index): ViewRow => ({ a, b, c, patient_key: `${kind}-${index}`, from })),
  );
  await views.put('people', COLUMNS, rows);
  views.head = 1;
}

/** The kinds of patients that a cell of an answer counts. */
function kindsOf(
  cell: CellAnswer,
  answer: CountsAnswer,
  asked: { filters: Record<string, number>; leave: boolean; seq: number },
): number[] {
  const isIn = (kind: Kind): boolean =>
    kind.from <= asked.seq &&
    Object.entries(asked.filters).every(
      ([column, level]) => (kind[column as 'a'] === `${column}${level}`) !== asked.leave,
    ) &&
    answer.dimensions.every(({ column, levels }) => {
      const value = cell[column];
      if (value === undefined) return true;
      const own = kind[column as 'a'];
      return typeof value === 'object' ? !levels.includes(own) : own === value;
    });
  return KINDS.flatMap((kind, index) => (isIn(kind) ? [index] : []));
}

describe('counts over a real DuckDB', () => {
  it('tells nobody of a small group, whatever sequence of questions is asked at two moments', async () => {
    await fc.assert(
      fc.asyncProperty(populations, questions, async (counts, sequence) => {
        await putPopulation(counts);
        const project = nextProject();
        const truth = (kinds: readonly number[]): number => kinds.reduce((sum, kind) => sum + counts[kind], 0);
        const sums: { cells: number[]; value: number }[] = [];
        const hidden: number[][] = [];
        for (const asked of sequence) {
          const body = {
            view: 'people',
            project,
            dimensions: asked.dimensions,
            filters: filtersOf(asked),
            _asOf: `1:${asked.seq}`,
          };
          const answer = await ask(body);
          for (const cell of allCells(answer)) {
            const kinds = kindsOf(cell, answer, asked);
            if (cell.count === null) {
              if (truth(kinds) > 0) hidden.push(kinds);
              continue;
            }
            expect(cell.count).toBe(truth(kinds));
            expect(cell.count === 0 || cell.count >= THRESHOLD).toBe(true);
            sums.push({ cells: kinds, value: cell.count });
          }
        }
        const knowledge: Knowledge = { cells: KINDS.length, sums };
        for (const kinds of hidden) {
          const { low, high } = interval(highs, knowledge, kinds);
          expect(high - low).toBeGreaterThanOrEqual(THRESHOLD - 1e-6);
        }
        // Groups that nobody asked for, but that answers might give by subtraction.
        for (let kind = 0; kind < KINDS.length; kind++) {
          if (counts[kind] === 0 || counts[kind] >= THRESHOLD) continue;
          expect(interval(highs, knowledge, [kind]).high).toBeGreaterThanOrEqual(THRESHOLD - 1e-6);
        }
      }),
      { numRuns: 12, endOnFailure: true },
    );
  });
});
