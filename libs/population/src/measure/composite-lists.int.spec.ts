import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ANONYMOUS } from '@chartledger/platform';
import { startTestDatabase, type TestDatabase } from '@chartledger/testing';
import { startingMeasures } from '../starting-set/measures/index.js';
import { queryParameters, readEvaluateRequest } from './evaluate-request.js';
import { openWorld, type World } from './measures.world.fixture.js';
import { type Measure, type Resource } from './resources.js';

interface Report {
  contained?: { id: string; entry?: { item: { reference: string } }[] }[];
  group: { population: { count?: number; subjectResults?: { reference: string } }[] }[];
}

let database: TestDatabase;
let world: World;
beforeAll(async () => {
  database = await startTestDatabase();
  world = await openWorld(await database.another(), database.dataDir);
  const all = startingMeasures();
  const composite = all.find(({ id }) => id === 'adult-prevention') as unknown as Measure;
  await world.define([...all, ...['opportunity', 'linear', 'weighted'].map((code) => scored(composite, code))]);
  for (const id of ['both', 'one', 'none', 'child', 'unseen']) {
    await world.put({ resourceType: 'Patient', id, birthDate: id === 'child' ? '2015-05-05' : '1980-05-05' });
    if (id !== 'unseen') await world.put(visit(id));
  }
  for (const id of ['both', 'child']) await world.put(reading(id));
  for (const id of ['both', 'one']) await world.put(vaccination(id));
});
afterAll(async () => {
  await world.stages.stop();
  await database.stop();
});

const scored = (measure: Measure, code: string): Resource =>
  ({
    ...measure,
    id: code,
    url: `${measure.url}-${code}`,
    compositeScoring: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/composite-measure-scoring', code }] },
  }) as unknown as Resource;
const about = (id: string): object => ({ reference: `Patient/${id}` });
const visit = (id: string): Resource => ({
  resourceType: 'Encounter',
  id,
  status: 'finished',
  class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
  subject: about(id),
  period: { start: '2024-02-01T08:00:00Z', end: '2024-02-01T09:00:00Z' },
});
const reading = (id: string): Resource => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '85354-9' }] },
  subject: about(id),
  effectiveDateTime: '2024-02-01T08:30:00Z',
});
const vaccination = (id: string): Resource => ({
  resourceType: 'Immunization',
  id,
  status: 'completed',
  vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '140' }] },
  patient: about(id),
  occurrenceDateTime: '2024-10-01',
});

async function listsOf(measure: string): Promise<{ counts: (number | undefined)[]; lists: string[][] }> {
  const query = new URLSearchParams('periodStart=2024&periodEnd=2024&reportType=subject-list');
  const request = readEvaluateRequest(measure, queryParameters(query));
  const [{ text }] = await world.measures.evaluate(ANONYMOUS, request, 'test');
  const { contained, group } = JSON.parse(text.toString()) as Report;
  const { population } = group[0];
  return {
    counts: population.map(({ count }) => count),
    lists: population.map(({ subjectResults }) => {
      const list = contained!.find(({ id }) => `#${id}` === subjectResults!.reference)!;
      return (list.entry ?? []).map(({ item }) => item.reference.replace('clinic/Patient/', '')).sort();
    }),
  };
}

it('of a composite says who is in its denominator and its numerator', async () => {
  expect(await listsOf('adult-prevention')).toEqual({ counts: [3, 1], lists: [['both', 'none', 'one'], ['both']] });
});

it('by opportunities says who had one, and who met one', async () => {
  expect(await listsOf('opportunity')).toEqual({
    counts: [6, 3],
    lists: [
      ['both', 'none', 'one'],
      ['both', 'one'],
    ],
  });
});

it.each(['linear', 'weighted'])('is refused where the scoring is %s: nobody is in or out', async (measure) => {
  await expect(listsOf(measure)).rejects.toMatchObject({ status: 400, message: expect.stringMatching(/counts parts/) });
});
