import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { SYSTEM_CHAIN } from '@chartledger/ledger';
import { ANONYMOUS } from '@chartledger/platform';
import { eventually, startTestDatabase, type TestDatabase } from '@chartledger/testing';
import { personFieldsOf } from '../fields/person-fields-of.js';
import { CHAIN, openMatching, type MatchingStages } from './matching-stages.fixture.js';
import { ann } from './patients.fixture.js';

let database: TestDatabase;
let matching: MatchingStages;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.stop());
beforeEach(async () => {
  matching = await openMatching(await database.another(), database.dataDir);
});
afterEach(() => matching.stop());

const alsoIn = {
  identifier: [{ system: 'http://hl7.org/fhir/sid/us-ssn', value: '123-45-6789' }],
  address: [{ line: ['17 Harbor Street'], city: 'Rockport', state: 'ME', postalCode: '04856' }],
};
/** Like both: what holds them together. */
const between = { ...ann, ...alsoIn };
const married = { ...ann, name: [{ family: 'Castellano', given: ['Annabel'] }], telecom: [], ...alsoIn };

async function featuresOf(patient: string): Promise<{ key: string; sealed: Buffer | null }[]> {
  const { schema } = await matching.stages.views.upToDate('matching', CHAIN);
  const { rows } = await matching.stages.pool.query<{ key: string; sealed: Buffer | null }>(
    `select key, sealed from ${schema}.patient where id = $1`,
    [patient],
  );
  return rows;
}

async function shred(patient: string): Promise<void> {
  await matching.stages.dataKeys.destroy(new Set((await featuresOf(patient)).map(({ key }) => key)));
}

it('a record whose key is destroyed leaves while the matcher runs, and what it held together falls apart', async () => {
  const matcher = matching.startMatcher();
  await matcher.reached(CHAIN, await matching.send({ 'lab/a': ann, 'lab/c': married }));
  expect(await matching.partition()).toEqual([['lab/a'], ['lab/c']]);
  await matcher.reached(CHAIN, await matching.send({ 'st-mary/b': ann }));
  await matcher.reached(CHAIN, await matching.send({ 'st-mary/b': between }));
  expect(await matching.partition()).toEqual([['lab/a', 'lab/c', 'st-mary/b']]);
  const { value: person, position } = await matching.reader.personOf(ANONYMOUS, { source: 'lab', patient: 'a' });
  const { value: before } = await matching.reader.story(ANONYMOUS, person);

  await shred('b');
  await eventually('the partition without the record', async () => (await matching.partition()).length === 2);
  expect(await matching.partition()).toEqual([['lab/a'], ['lab/c']]);
  await expect(matching.reader.personOf(ANONYMOUS, { source: 'st-mary', patient: 'b' })).rejects.toMatchObject({
    status: 404,
  });
  const features = await featuresOf('b');
  expect(features.map(({ sealed }) => sealed)).toEqual([null, null]);
  const found = matcher.search(personFieldsOf(between, 'st-mary'));
  expect(found.map(({ record }) => record.name)).not.toContain('st-mary/Patient/b');

  // Deleting is never forgetting the story: who was whom, and why, is as it was.
  const { value: after } = await matching.reader.story(ANONYMOUS, person);
  expect(after.slice(0, before.length)).toEqual(before);
  expect(after.length).toBe(before.length + 1);
  const asOf = `${SYSTEM_CHAIN}:${position}`;
  const { value: then } = await matching.reader.person(ANONYMOUS, person, asOf);
  expect(then.members.map(({ patient }) => patient).sort()).toEqual(['a', 'b', 'c']);
});

it('a key that is destroyed while nothing matches is taken in at the start, once', async () => {
  const first = matching.startMatcher();
  await first.reached(CHAIN, await matching.send({ 'lab/a': ann, 'st-mary/b': between, 'lab/c': married }));
  expect(await matching.partition()).toEqual([['lab/a', 'lab/c', 'st-mary/b']]);
  await first.stop();
  await shred('b');
  const second = matching.startMatcher();
  await second.reached(CHAIN, await matching.send({ 'lab/d': { ...ann, birthDate: '1950-11-30', telecom: [] } }));
  expect(await matching.partition()).toEqual([['lab/a'], ['lab/c'], ['lab/d']]);
  await second.stop();
  const head = (): Promise<number> =>
    matching.stages.views.upToDate('persons', SYSTEM_CHAIN).then(({ applied }) => applied);
  const decided = await head();
  const third = matching.startMatcher();
  await third.reached(CHAIN, 0);
  expect(await head()).toBe(decided);
});
