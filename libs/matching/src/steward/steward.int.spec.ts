import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { ANONYMOUS, type Actor } from '@chartledger/platform';
import { startTestDatabase, type TestDatabase } from '@chartledger/testing';
import { CHAIN, openMatching, type MatchingStages } from '../online/matching-stages.fixture.js';
import { ann } from '../online/patients.fixture.js';
import { type Matcher } from '../online/matcher.js';
import { patientKey, type RecordName } from '../persons/person-entries.js';
import { StewardService } from './steward.service.js';

const STEWARD: Actor = { client: 'dr-house' };
const reason = 'the ward knows her';

let database: TestDatabase;
let matching: MatchingStages;
let matcher: Matcher;
let steward: StewardService;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.stop());
beforeEach(async () => {
  matching = await openMatching(await database.another(), database.dataDir);
  matcher = matching.startMatcher();
  const { stages, ids, lock } = matching;
  steward = new StewardService({ ...stages, ids, lock });
});
afterEach(() => matching.stop());

const bob = { name: [{ family: 'Lindqvist', given: ['Bob'] }], birthDate: '1950-11-30', gender: 'male' };
const eve = { name: [{ family: 'Castellano', given: ['Eve'] }], birthDate: '2001-02-17', gender: 'female' };

/** Everybody's changes, and what the stewards decided, are taken in. */
async function settled(send: Parameters<MatchingStages['send']>[0] = {}): Promise<string[][]> {
  const seq = await matching.send({ ...send, 'st-mary/last': { ...eve, birthDate: `19${10 + (turn++ % 80)}-01-01` } });
  await matcher.reached(CHAIN, seq);
  return (await matching.partition())
    .map((names) => names.filter((name) => name !== 'st-mary/last'))
    .filter((names) => names.length > 0);
}
let turn = 0;

const personOf = async (name: RecordName): Promise<string> =>
  (await matching.reader.personOf(ANONYMOUS, patientKey(name))).value;

it('two persons that a steward merges stay one, whatever comes, until that is undone', async () => {
  await settled({ 'st-mary/a': ann, 'st-mary/b': bob });
  const [a, b] = [await personOf('st-mary/Patient/a'), await personOf('st-mary/Patient/b')];
  const { position, persons } = await steward.decide(STEWARD, { kind: 'merge', person: b, other: a, reason });
  expect(persons).toHaveLength(2);
  expect(await settled()).toEqual([['st-mary/a', 'st-mary/b']]);
  expect(await settled({ 'st-mary/a': { ...ann, birthDate: '1971-04-10' } })).toEqual([['st-mary/a', 'st-mary/b']]);
  const { value: absorbed } = await matching.reader.person(ANONYMOUS, b);
  const { value: survivor } = await matching.reader.person(ANONYMOUS, absorbed.survivor);
  expect([absorbed.state, survivor.state].sort()).toEqual(['absorbed', 'active']);
  const story = await matching.reader.story(ANONYMOUS, b);
  expect(story.value.at(-1)).toMatchObject({
    kind: 'person.merge',
    by: 'steward',
    actor: 'dr-house',
    decision: { steward: { reason } },
  });

  await steward.decide(STEWARD, { kind: 'undo', decision: story.value.at(-1)!.position, reason });
  expect(await settled()).toEqual([['st-mary/a'], ['st-mary/b']]);
  expect([await personOf('st-mary/Patient/a'), await personOf('st-mary/Patient/b')].sort()).toEqual([a, b].sort());
  expect(position).toMatch(/^0:/);
});

it('what a steward takes apart stays apart, and the model is asked again when that is undone', async () => {
  expect(await settled({ 'st-mary/a': ann, 'lab/x': ann })).toEqual([['lab/x', 'st-mary/a']]);
  const person = await personOf('lab/Patient/x');
  const { position } = await steward.decide(STEWARD, { kind: 'unlink', person, record: 'lab/Patient/x', reason });
  expect(await settled({ 'lab/x': { ...ann, gender: 'unknown' } })).toEqual([['lab/x'], ['st-mary/a']]);
  expect(await personOf('st-mary/Patient/a')).toBe(person);
  const [, entry] = position.split(':');
  await steward.decide(STEWARD, { kind: 'undo', decision: `0:${Number(entry) - 1}`, reason });
  expect(await settled()).toEqual([['lab/x', 'st-mary/a']]);
  expect(await personOf('lab/Patient/x')).toBe(person);
});

it('what the model decided can be undone, and it does not decide so again', async () => {
  await settled({ 'st-mary/a': ann });
  expect(await settled({ 'lab/x': ann })).toEqual([['lab/x', 'st-mary/a']]);
  const person = await personOf('lab/Patient/x');
  const { value: story } = await matching.reader.story(ANONYMOUS, person);
  await steward.decide(STEWARD, { kind: 'undo', decision: story.at(-1)!.position, reason });
  expect(await settled({ 'lab/x': { ...ann, gender: 'other' } })).toEqual([['lab/x'], ['st-mary/a']]);
  expect((await matching.reader.story(ANONYMOUS, person)).value).toMatchObject([
    {},
    { undone: expect.stringMatching(/^0:/) },
    {},
  ]);
});

it('a link that only names, birth date and sex speak for is asked about, until more agrees or a steward confirms it', async () => {
  const { telecom, ...bare } = ann;
  const asked = async (): Promise<unknown[]> => {
    const { value } = await matching.reader.reviews(ANONYMOUS, { count: 10 });
    return value.map(({ pair }) => pair);
  };
  const pair = ['lab/Patient/x', 'st-mary/Patient/a'];
  expect(await settled({ 'st-mary/a': ann, 'lab/x': bare })).toEqual([['lab/x', 'st-mary/a']]);
  expect(await asked()).toEqual([pair]);
  await settled({ 'lab/x': { ...bare, telecom } });
  expect(await asked()).toEqual([]);
  await settled({ 'lab/x': bare });
  expect(await asked()).toEqual([pair]);
  const person = await personOf('lab/Patient/x');
  await steward.decide(STEWARD, { kind: 'link', person, record: 'lab/Patient/x', reason });
  expect(await asked()).toEqual([]);
  expect(await settled({ 'lab/x': { ...bare, gender: 'unknown' } })).toEqual([['lab/x', 'st-mary/a']]);
  expect(await asked()).toEqual([]);
});

it('what does not fit the persons as they are is refused with what to do', async () => {
  await settled({ 'st-mary/a': ann });
  const person = await personOf('st-mary/Patient/a');
  const refused = (command: Parameters<StewardService['decide']>[1]): Promise<unknown> =>
    steward.decide(STEWARD, command).then(
      () => undefined,
      (error: { status: number }) => error.status,
    );
  expect(await refused({ kind: 'unlink', person, record: 'st-mary/Patient/a', reason })).toBe(409);
  expect(await refused({ kind: 'merge', person, other: person, reason })).toBe(400);
  expect(await refused({ kind: 'merge', person, other: 'nobody', reason })).toBe(409);
  expect(await refused({ kind: 'split', person, records: ['st-mary/Patient/a'], reason })).toBe(400);
  expect(await refused({ kind: 'link', person, record: 'lab/Patient/none', reason })).toBe(409);
  expect(await refused({ kind: 'undo', decision: '0:99999', reason })).toBe(409);
});
