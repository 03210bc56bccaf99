import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ANONYMOUS } from '@chartledger/platform';
import { startTestDatabase, type TestDatabase } from '@chartledger/testing';
import { openWorld, type World } from './measures.world.fixture.js';
import { PatientData } from './patient-data.js';
import { PatientRecords, type SubjectRecords } from './patient-records.js';

/** More than are looked up in the index one by one. */
const PATIENTS = 20;
const TYPES = ['Encounter', 'Medication', 'MedicationRequest', 'Patient'];

let database: TestDatabase;
let world: World;
beforeAll(async () => {
  database = await startTestDatabase();
  world = await openWorld(await database.another(), database.dataDir);
});
afterAll(async () => {
  await world.stages.stop();
  await database.stop();
});

function shown({ subject, places, texts }: SubjectRecords): object {
  return { name: subject.name, places, texts: texts.map((text) => JSON.parse(text.toString('utf8')) as unknown) };
}

it('a subject is given the same records alone as among many', async () => {
  const patients = Array.from({ length: PATIENTS }, (_, number) => `p${number}`);
  for (const medication of ['m0', 'm1', 'm2']) await world.put({ resourceType: 'Medication', id: medication });
  for (const [number, id] of patients.entries()) {
    const subject = { reference: `Patient/${id}` };
    await world.put({ resourceType: 'Patient', id });
    await world.put({ resourceType: 'Encounter', id: `e${id}`, status: 'planned', class: { code: 'AMB' }, subject });
    await world.put({
      resourceType: 'MedicationRequest',
      id: `r${id}`,
      status: 'active',
      intent: 'order',
      subject,
      medicationReference: { reference: `Medication/m${number % 3}` },
    });
    await world.put({ resourceType: 'Encounter', id: `e${id}`, status: 'finished', class: { code: 'AMB' }, subject });
    if (number % 4 === 0) await world.remove('MedicationRequest', `r${id}`);
  }
  const { pool, views, opener, tokens } = world.stages;
  const data = new PatientData(pool, views, tokens);
  const records = new PatientRecords(pool, views, opener, tokens);
  const { subjects, positions } = await data.population(ANONYMOUS, {
    types: TYPES,
    sources: await world.sources.all(),
  });
  const of = async (some: typeof subjects): Promise<object[]> =>
    (await records.read(ANONYMOUS, await records.find(ANONYMOUS, some, TYPES, positions), TYPES, positions)).map(shown);
  const together = await of(subjects);
  expect(together).toHaveLength(PATIENTS);
  for (const [index, subject] of subjects.entries()) {
    const [alone] = await of([subject]);
    expect(together[index]).toEqual(alone);
    const types = (alone as { places: { type: string; version: number }[] }).places.map(
      ({ type, version }) => `${type}/${version}`,
    );
    const number = Number(/p(\d+)$/.exec(subject.name)![1]);
    const isRemoved = number % 4 === 0;
    expect(types).toEqual(
      isRemoved ? ['Patient/1', 'Encounter/2'] : ['Patient/1', 'MedicationRequest/1', 'Encounter/2', 'Medication/1'],
    );
  }
});
