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
        // A question of which nothing is told may be told in part by another: only its small counts are hidden for good.
        for (const asked of sequence) {
          const body = {
            view: 'people',
            project,
            dimensions: asked.dimensions,
            filters: filtersOf(asked),
            _asOf: `1:${asked.seq}`,
          };
          const answer = await ask(body);
          const isToldOf = allCells(answer).some(({ count }) => count !== null);
          for (const cell of allCells(answer)) {
            const kinds = kindsOf(cell, answer, asked);
            if (cell.count === null) {
              const isSmall = truth(kinds) < THRESHOLD;
              if (truth(kinds) > 0 && (isSmall || isToldOf)) hidden.push(kinds);
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

  it('answers with every cell, every margin and the positions, and hides what gives a small cell away', async () => {
    await views.put('people', COLUMNS, [
      ...patients(40, { a: 'x', b: 'm' }),
      ...patients(5, { a: 'x', b: 'f' }),
      ...patients(30, { a: 'y', b: 'm' }),
      ...patients(25, { a: 'y', b: 'f' }),
    ]);
    views.head = 7;
    const answer = await ask({ view: 'people', project: nextProject(), dimensions: ['a', 'b'] });
    expect(answer).toMatchObject({ positions: ['1:7'], threshold: 11, of: 'patient', suppressed: 4 });
    expect(answer.dimensions).toEqual([
      { column: 'a', values: 'one', levels: ['x', 'y'] },
      { column: 'b', values: 'one', levels: ['f', 'm'] },
    ]);
    expect(answer.cells).toHaveLength(4);
    for (const cell of answer.cells) expect(cell).toMatchObject({ count: null, hidden: 'small-cells' });
    expect(answer.margins).toEqual([
      { a: 'x', count: 45 },
      { a: 'y', count: 55 },
      { b: 'f', count: 30 },
      { b: 'm', count: 70 },
      { count: 100 },
    ]);
  });

  it('does not name a value that few have, unless the question names it', async () => {
    await views.put('people', COLUMNS, [
      ...patients(50, { a: 'x' }),
      ...patients(3, { a: 'rare' }),
      ...patients(4, { a: null }),
    ]);
    const unnamed = await ask({ view: 'people', project: nextProject(), dimensions: ['a'] });
    expect(JSON.stringify(unnamed)).not.toContain('rare');
    expect(unnamed.dimensions[0].levels).toEqual(['x', { other: true }]);
    const named = await ask({
      view: 'people',
      project: nextProject(),
      dimensions: [{ column: 'a', values: ['rare', 'x', 'nobody'] }],
    });
    expect(named.cells).toContainEqual({ a: 'rare', count: null, hidden: 'small-cells' });
    expect(named.cells).toContainEqual({ a: 'nobody', count: 0 });
  });

  it('says the same of one patient and of none', async () => {
    await views.put('people', COLUMNS, [...patients(100, { a: 'x', b: 'm' }), ...patients(1, { a: 'y', b: 'm' })]);
    const of = async (value: string): Promise<CountsAnswer> =>
      ask({ view: 'people', project: nextProject(), dimensions: ['b'], filters: { a: value } });
    const [one, none] = [await of('y'), await of('nobody')];
    expect({ ...one, project: '' }).toEqual({ ...none, project: '' });
    expect(one.margins).toEqual([{ count: null, hidden: 'small-cells' }]);
  });

  it('does not give a small difference of two questions, or of two moments', async () => {
    await views.put('people', COLUMNS, [
      ...patients(60, { a: 'x', b: 'm' }),
      ...patients(3, { a: 'x', b: 'f' }),
      ...patients(1, { a: 'x', b: 'm', from: 5 }),
      ...patients(60, { a: 'y', b: 'm', from: 6 }),
    ]);
    const project = nextProject();
    const count = async (filters: object, seq: number): Promise<number | null> =>
      (await ask({ view: 'people', project, filters, _asOf: `1:${seq}` })).margins[0].count;
    expect(await count({}, 4)).toBe(63);
    expect(await count({ b: 'm' }, 4)).toBeNull();
    expect(await count([{ column: 'b', op: '!=', value: 'f' }], 4)).toBeNull();
    expect(await count({}, 5)).toBeNull();
    expect(await count({}, 6)).toBe(124);
    expect(await count({ a: 'y' }, 6)).toBeNull();
    expect(await count({ a: ['x', 'y'] }, 6)).toBe(124);
  });

  it('counts a patient once wherever there are many rows, and says where margins are less than sums', async () => {
    const rows = Array.from({ length: 80 }, (_, index): ViewRow[] => [
      { a: 'asthma', b: 'm', patient_key: `p${index}` },
      { a: index % 2 ? 'diabetes' : 'gout', b: 'm', patient_key: `p${index}` },
      { a: 'asthma', b: 'm', patient_key: `p${index}` },
    ]).flat();
    await views.put('people', COLUMNS, [...rows, { a: 'rare', b: 'm', patient_key: 'p1' }]);
    const answer = await ask({
      view: 'people',
      project: nextProject(),
      dimensions: [{ column: 'a', values: ['asthma', 'diabetes', 'gout', 'rare'] }],
    });
    expect(answer.dimensions[0].values).toBe('several');
    expect(answer.cells).toContainEqual({ a: 'rare', count: null, hidden: 'small-cells' });
    for (const { a, count } of answer.cells)
      if (count !== null && typeof a === 'string') expect(count).toBe({ asthma: 80, diabetes: 40, gout: 40 }[a]);
  });

  it('counts persons where patients of several sources are one', async () => {
    const rows = Array.from({ length: 40 }, (_, index): ViewRow => ({
      a: 'x',
      patient_key: `p${index}`,
      person_key: `q${index >> 1}`,
    }));
    await views.put('people', COLUMNS, rows);
    const project = nextProject();
    expect((await ask({ view: 'people', project, of: 'person' })).margins).toEqual([{ count: 20 }]);
    await expect(ask({ view: 'people', project })).rejects.toMatchObject({ status: 409 });
    await expect(ask({ view: 'people', project, of: 'person', threshold: 12 })).rejects.toMatchObject({ status: 409 });
  });

  it('gives the same answer to the same question, and asks the view only once', async () => {
    await views.put('people', COLUMNS, patients(40, { a: 'x', b: 'm' }));
    const project = nextProject();
    const first = await ask({ view: 'people', project, dimensions: ['a'], filters: { b: ['m', 'f'], a: 'x' } });
    const before = views.statements.length;
    const filters = [
      { column: 'b', op: 'in', values: ['f', 'm', 'f'] },
      { column: 'a', value: 'x' },
    ];
    expect(await ask({ view: 'people', project, dimensions: ['a'], filters })).toEqual(first);
    expect(views.statements.length).toBe(before);
  });

  it('holds questions that are asked at once against each other', async () => {
    await views.put('people', COLUMNS, [...patients(60, { a: 'x' }), ...patients(4, { a: 'y' })]);
    const project = nextProject();
    const [all, most] = await Promise.all([
      ask({ view: 'people', project }),
      ask({ view: 'people', project, filters: { a: 'x' } }),
    ]);
    expect([all.margins[0].count, most.margins[0].count].filter((count) => count === null)).toHaveLength(1);
  });

  it('refuses what it cannot hold against earlier answers: a view that was changed since', async () => {
    await views.put('people', COLUMNS, patients(40, { a: 'x' }));
    const project = nextProject();
    await ask({ view: 'people', project });
    await views.put('people', COLUMNS, patients(41, { a: 'x' }));
    await expect(ask({ view: 'people', project, dimensions: ['a'] })).rejects.toMatchObject({ status: 409 });
  });

  it('takes names and values for nothing else than names and values', async () => {
    const odd = `a"b' or 1=1 --`;
    const columns = [
      { name: odd, type: 'VARCHAR' },
      { name: 'n', type: 'INTEGER' },
      { name: 'd', type: 'DECIMAL(18,3)' },
      { name: 'yes', type: 'BOOLEAN' },
    ];
    const rows = Array.from({ length: 30 }, (_, index): ViewRow => ({
      [odd]: `v' --`,
      n: index,
      d: 1.5,
      yes: true,
      patient_key: `p${index}`,
    }));
    await views.put('odd', columns, rows);
    const count = async (filters: object): Promise<unknown> =>
      (await ask({ view: 'odd', project: nextProject(), filters })).margins[0].count;
    expect(await count({ [odd]: `v' --` })).toBe(30);
    expect(await count({ [odd]: `x' or '1'='1` })).toBeNull();
    expect(await count([{ column: 'n', op: '>=', value: 12 }])).toBe(18);
    expect(await count([{ column: 'n', op: '<', value: 14.5 }])).toBe(15);
    expect(await count({ d: '1.50', yes: true })).toBe(30);
    expect(await count([{ column: odd, op: 'is missing' }])).toBeNull();
    const { dimensions } = await ask({ view: 'odd', project: nextProject(), dimensions: ['d', 'yes', odd] });
    expect(dimensions.map(({ levels }) => levels)).toEqual([[1.5], [true], [`v' --`]]);
  });
});

let keys = 0;

/** So many patients with the same row. */
function patients(count: number, row: ViewRow): ViewRow[] {
  return Array.from({ length: count }, () => ({ ...row, patient_key: `k${++keys}` }));
}
