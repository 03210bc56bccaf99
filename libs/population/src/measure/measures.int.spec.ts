import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ANONYMOUS, type FhirError } from '@chartledger/platform';
import { startTestDatabase, type TestDatabase } from '@chartledger/testing';
import { SubjectEvaluator } from './evaluate-subject.js';
import { queryParameters, readEvaluateRequest, type EvaluateRequest } from './evaluate-request.js';
import { prepareEvaluation } from './evaluation.js';
import { readVector, soundResourcesOf, VECTOR_NAMES, VECTOR_PERIOD } from './fqm-vectors.fixture.js';
import { packageOfBundle } from './measure-package.js';
import { openWorld, type World } from './measures.world.fixture.js';
import { ReportLineage, reportEdges } from './report-lineage.js';
import { type Resource } from './resources.js';
import { readSeriesRequest } from './series-request.js';
import { type SubjectResult } from './subject-result.js';
import { summarize } from './summary.js';

const NAME = 'ratio-Encounter-reuseObservationFunction';
const MEASURE = 'measure-RatioEncounterReuseObservation';
const available = VECTOR_NAMES.includes(NAME) ? it : it.skip;

let database: TestDatabase;
let world: World;
beforeAll(async () => {
  database = await startTestDatabase();
  world = await openWorld(await database.another(), database.dataDir);
  if (VECTOR_NAMES.includes(NAME)) await world.define(soundResourcesOf(readVector(NAME).bundle));
});
afterAll(async () => {
  await world.stages.stop();
  await database.stop();
});

const asking = (more: Record<string, string> = {}): EvaluateRequest =>
  readEvaluateRequest(
    MEASURE,
    Object.entries({ periodStart: '2022', periodEnd: '2022', ...more }).map(([name, value]) => ({
      name,
      value,
      place: name,
    })),
  );
const evaluate = async (more?: Record<string, string>): Promise<Report> => {
  const [report] = await world.measures.evaluate(ANONYMOUS, asking(more), 'test');
  return { ...(JSON.parse(report.text.toString()) as Report), positions: report.positions };
};
interface Report {
  id: string;
  positions: string;
  group: {
    population: { count: number; subjectResults?: { reference: string } }[];
    measureScore?: { value: number };
  }[];
  contained?: { id: string; entry?: { item: { reference: string } }[] }[];
  evaluatedResource?: { reference: string }[];
  subject?: { reference: string };
}
const counts = ({ group }: Report): number[] => group[0].population.map(({ count }) => count);

const patient = (id: string): Resource => ({ resourceType: 'Patient', id, gender: 'female', birthDate: '1980-01-01' });
const encounter = (id: string, of: string, more: object = {}): Resource => ({
  resourceType: 'Encounter',
  id,
  status: 'finished',
  class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP' },
  type: [{ coding: [{ system: 'exampleSystem', code: 'exampleCode', version: 'exampleVersion' }] }],
  subject: { reference: `Patient/${of}` },
  period: { start: '2022-03-01T08:00:00Z', end: '2022-03-04T09:00:00Z' },
  ...more,
});

available(
  'a measure over the ledger: only who changed is evaluated again, and any moment of before can be asked for',
  async () => {
    for (const id of ['a', 'b', 'c']) await world.put(patient(id));
    await world.put(encounter('a1', 'a'));
    await world.put(encounter('b1', 'b', { class: { code: 'AMB' } }));
    const first = await evaluate();
    expect(counts(first)).toEqual([2, 1, 2]);
    expect(first.group[0].measureScore).toEqual({ value: 3 / 6 });

    const head = (await world.stages.ledger.head(0)).seq;
    expect(await evaluate()).toEqual(first);
    expect((await world.stages.ledger.head(0)).seq).toBe(head);

    await world.put(encounter('c1', 'c'));
    // Nothing that the logic reads: nobody is evaluated again.
    await world.put({ resourceType: 'Condition', id: 'x', subject: { reference: 'Patient/b' } });
    const { measurePackage } = await world.definitions.find(ANONYMOUS, MEASURE);
    const prepared = prepareEvaluation(measurePackage, VECTOR_PERIOD);
    const sources = await world.sources.all();
    const again = await world.evaluation.evaluate(ANONYMOUS, prepared, { sources });
    expect(again).toMatchObject({ evaluated: 1, subjects: { length: 3 } });
    const second = await evaluate();
    expect(counts(second)).toEqual([3, 2, 3]);

    expect(await evaluate({ _asOf: first.positions })).toEqual(first);
    await world.remove('Encounter', 'a1');
    expect(counts(await evaluate())).toEqual([2, 1, 2]);
    expect(await evaluate({ _asOf: second.positions })).toEqual(second);
    for (const { id } of [first, second]) {
      const { stored, computed } = await world.measures.recompute(ANONYMOUS, id);
      expect(computed.results).toBe(stored.results);
    }
  },
);

available('reports about one, and lists of whom a number counts', async () => {
  await world.put(patient('d'));
  await world.put(encounter('d1', 'd'));
  await world.put(encounter('d2', 'd', { class: { code: 'AMB' } }));
  const one = await evaluate({ subject: 'clinic/Patient/d' });
  expect(one).toMatchObject({
    type: 'individual',
    subject: { reference: 'clinic/Patient/d' },
    evaluatedResource: expect.arrayContaining([
      { reference: 'clinic/Encounter/d1/_history/1' },
      { reference: 'clinic/Encounter/d2/_history/1' },
    ]),
  });
  expect(counts(one)).toEqual([2, 1, 2]);
  const list = await evaluate({ reportType: 'subject-list' });
  const [, numerator] = list.group[0].population;
  const { entry } = list.contained!.find(({ id }) => `#${id}` === numerator.subjectResults!.reference)!;
  expect(entry!.map(({ item }) => item.reference)).toContain('clinic/Patient/d');
  const everyone = await world.measures.evaluate(ANONYMOUS, asking({ reportType: 'subject' }), 'test');
  expect(everyone).toHaveLength(4);
  await expect(evaluate({ subject: 'clinic/Patient/nobody' })).rejects.toMatchObject({ status: 404 });
});

available('a number leads to the records behind it, and a record to the numbers that it entered', async () => {
  await world.put(patient('e'));
  const position = Number((await world.put(encounter('e1', 'e'))).slice(2));
  const before = await evaluate();
  const place = { chain: 1, seq: position };
  const lineage = new ReportLineage(world.stages.pool);
  const subjects = await lineage.subjectsOf(ANONYMOUS, before.id, 100);
  expect(subjects).toHaveLength(5);
  expect(reportEdges(before.id, subjects)).toContainEqual({
    from: place,
    to: `report:${before.id}`,
    kind: 'evaluated',
  });
  expect(await lineage.reportsOf(ANONYMOUS, [place], 100)).toEqual([[before.id]]);

  const changed = Number((await world.put(encounter('e1', 'e', { status: 'planned' }))).slice(2));
  const after = await evaluate();
  expect(await lineage.reportsOf(ANONYMOUS, [place, { chain: 1, seq: changed }], 100)).toEqual([
    [before.id],
    [after.id],
  ]);

  // What is kept beside the ledger is made again from it.
  await world.stages.pool.query('delete from measure.result; delete from measure.report');
  expect(await lineage.subjectsOf(ANONYMOUS, before.id, 100)).toEqual([]);
  await world.measures.recompute(ANONYMOUS, before.id);
  expect(reportEdges(before.id, await lineage.subjectsOf(ANONYMOUS, before.id, 100))).toEqual(
    reportEdges(before.id, subjects),
  );
});

available('a series is the measure at each of its moments, as it was known then', async () => {
  const at = '2022-02-01T00:00:00.000Z';
  const request = readSeriesRequest(
    MEASURE,
    queryParameters(new URLSearchParams('from=2022-01-01&to=2022-02-01&every=P1M&periodStart=2022&periodEnd=2022')),
    Date.now(),
  );
  // Before anything was in the ledger: numbers of nobody, which can be computed again all the same.
  const reports = await world.measures.series(ANONYMOUS, request, 'test');
  expect(reports).toHaveLength(2);
  const { stored, computed } = await world.measures.recompute(ANONYMOUS, reports[1].id);
  expect(request.points[1].asOf).toBe(at);
  expect([computed.summary.subjects, computed.results]).toEqual([0, stored.results]);
  const now = await evaluate();
  const positions = readSeriesRequest(
    MEASURE,
    queryParameters(
      new URLSearchParams(
        `from=2022-01-01&to=2022-02-01&every=P1M&periodStart=2022&periodEnd=2022&_asOf=${now.positions}`,
      ),
    ),
    Date.now(),
  );
  expect((await world.measures.series(ANONYMOUS, positions, 'test')).map(({ id }) => id)).toEqual([now.id, now.id]);
});

available('what a measure lacks is said with its place', async () => {
  const [measure, library] = soundResourcesOf(readVector(NAME).bundle);
  const broken = structuredClone(measure) as never as {
    id: string;
    group: { population: { criteria: { expression: string } }[] }[];
  };
  broken.id = 'broken';
  broken.group[0].population[1].criteria.expression = 'nothing like it';
  const orphan = { ...structuredClone(measure), id: 'orphan', library: ['http://example.com/Library/none'] };
  await world.define([broken as never, orphan as never]);
  const refused = async (id: string): Promise<FhirError> =>
    world.measures.evaluate(ANONYMOUS, { ...asking(), measure: id }, 'test').then(
      () => {
        throw new Error('the measure was evaluated');
      },
      (error: FhirError) => error,
    );
  expect((await refused('broken')).issues).toMatchObject([
    {
      expression: ['Measure.group[0].population[1].criteria.expression'],
      diagnostics: expect.stringContaining(`the library ${library.id} defines no "nothing like it"`),
    },
  ]);
  expect((await refused('orphan')).issues).toMatchObject([{ expression: ['Measure.library[0]'], code: 'not-found' }]);
  await expect(world.measures.evaluate(ANONYMOUS, { ...asking(), measure: 'none' }, 'test')).rejects.toMatchObject({
    status: 404,
  });
});

/** Steps of a history: one more state of one of a few encounters of a few patients, or its end. */
const STEP = fc.record({
  patient: fc.constantFrom('p', 'q', 'r'),
  encounter: fc.constantFrom(1, 2),
  days: fc.integer({ min: 0, max: 4 }),
  code: fc.constantFrom('IMP', 'AMB'),
  status: fc.constantFrom('finished', 'planned'),
  remove: fc.boolean(),
});

available('after any history, at every position, the kept results are those made from scratch', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(STEP, { minLength: 2, maxLength: 8 }), async (steps) => {
      const other = await openWorld(await database.another(), database.dataDir);
      try {
        const { bundle } = readVector(NAME);
        await other.define(soundResourcesOf(bundle));
        const measurePackage = packageOfBundle(bundle);
        const prepared = prepareEvaluation(
          (await other.definitions.find(ANONYMOUS, MEASURE)).measurePackage,
          VECTOR_PERIOD,
        );
        const sources = await other.sources.all();
        const now = new Map<string, Resource>(['p', 'q', 'r'].map((id) => [`Patient/${id}`, patient(id)]));
        let position = '';
        for (const resource of now.values()) position = await other.put(resource);
        const moments: { position: string; records: Resource[] }[] = [{ position, records: [...now.values()] }];
        for (const { patient: of, encounter: number, days, code, status, remove } of steps) {
          const id = `${of}${number}`;
          if (remove && !now.has(`Encounter/${id}`)) continue;
          if (remove) {
            now.delete(`Encounter/${id}`);
            position = await other.remove('Encounter', id);
          } else {
            const resource = encounter(id, of, {
              class: { code },
              status,
              period: { start: '2022-03-01T08:00:00Z', end: `2022-03-0${days + 1}T09:00:00Z` },
            });
            now.set(`Encounter/${id}`, resource);
            position = await other.put(resource);
          }
          moments.push({ position, records: [...now.values()] });
          if (days % 2 === 0) await other.evaluation.evaluate(ANONYMOUS, prepared, { sources });
        }
        const evaluator = new SubjectEvaluator(measurePackage, VECTOR_PERIOD);
        const head = await other.stages.ledger.head(0);
        for (const { position: at, records } of moments.reverse()) {
          const scratch: SubjectResult[] = [];
          for (const id of ['p', 'q', 'r']) {
            const own = records.filter(
              (one) => one.id === id || (one['subject'] as { reference?: string })?.reference === `Patient/${id}`,
            );
            scratch.push((await evaluator.evaluate(structuredClone(own))).result);
          }
          const { subjects } = await other.evaluation.evaluate(ANONYMOUS, prepared, {
            sources,
            asOf: `0:${head.seq},${at}`,
          });
          const kept = subjects.map(({ result }) => result);
          expect(summarize(measurePackage, kept)).toEqual(summarize(measurePackage, scratch));
        }
      } finally {
        await other.stages.stop();
      }
    }),
    { numRuns: 3 },
  );
});
