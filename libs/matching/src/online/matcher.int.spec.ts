import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { SYSTEM_CHAIN } from '@chartledger/ledger';
import { ANONYMOUS } from '@chartledger/platform';
import { startTestDatabase, type TestDatabase } from '@chartledger/testing';
import { DecisionIds } from './decision-ids.js';
import { CHAIN, openMatching, type MatchingStages } from './matching-stages.fixture.js';
import { modelReader } from './model-entry.js';
import { replayDecision } from './replay.js';

let database: TestDatabase;
let matching: MatchingStages;
beforeAll(async () => {
  database = await startTestDatabase();
  matching = await openMatching(await database.another(), database.dataDir);
});
afterAll(async () => {
  await matching.stop();
  await database.stop();
});

const ann = {
  name: [{ family: 'Okonkwo', given: ['Annabel'] }],
  birthDate: '1971-04-09',
  gender: 'female',
  telecom: [{ system: 'phone', value: '+1 207 555 0143' }],
  address: [{ line: ['17 Harbor Street'], city: 'Rockport', state: 'ME', postalCode: '04856' }],
};
const bob = { name: [{ family: 'Lindqvist', given: ['Bob'] }], birthDate: '1950-11-30', gender: 'male' };

it('a record is of one person from when it is matched, and two records of one are one person', async () => {
  const matcher = matching.startMatcher();
  await matcher.reached(CHAIN, await matching.send({ 'st-mary/a': ann, 'st-mary/b': bob }));
  const { value: first } = await matching.reader.personOf(ANONYMOUS, { source: 'st-mary', patient: 'a' });
  await matcher.reached(
    CHAIN,
    await matching.send({ 'lab/x': { ...ann, name: [{ family: 'Okonkwo', given: ['Anabel'] }] } }),
  );
  expect(await matching.partition()).toEqual([['lab/x', 'st-mary/a'], ['st-mary/b']]);
  const { value: second } = await matching.reader.personOf(ANONYMOUS, { source: 'lab', patient: 'x' });
  expect(second).toBe(first);
  const { value: story } = await matching.reader.story(ANONYMOUS, first);
  expect(story).toMatchObject([
    { kind: 'person.link', by: 'model', decision: { added: ['st-mary/Patient/a'] } },
    {
      kind: 'person.link',
      by: 'model',
      decision: { added: ['lab/Patient/x'], evidence: { pairs: [{ left: 0, right: 1 }] } },
    },
  ]);
});

it('an updated or deleted record is matched again', async () => {
  const matcher = matching.startMatcher();
  await matcher.reached(CHAIN, await matching.send({ 'lab/x': { ...bob, gender: 'male' } }));
  expect(await matching.partition()).toEqual([['lab/x', 'st-mary/b'], ['st-mary/a']]);
  await matcher.reached(CHAIN, await matching.send({ 'st-mary/b': undefined }));
  expect(await matching.partition()).toEqual([['lab/x'], ['st-mary/a']]);
});

it('a decision comes out the same again from the ledger alone, bit for bit, and is shown where it does not', async () => {
  const { stages, ids } = matching;
  const { pool, ledger, opener, views } = stages;
  const persons = (await views.upToDate('persons', SYSTEM_CHAIN)).schema;
  const context = { pool, ledger, opener, ids, modelAt: modelReader(ledger, opener), persons };
  const { rows } = await pool.query<{ seq: string }>(`select seq from ${persons}.decision order by seq`);
  expect(rows.length).toBeGreaterThan(4);
  for (const { seq } of rows) {
    const replay = await replayDecision(context, `0:${seq}`);
    expect(replay).toMatchObject({ by: 'model', differences: [] });
  }
  const other = { ...context, ids: new DecisionIds(Buffer.from('another key')) };
  const first = await replayDecision(other, `0:${rows[0].seq}`);
  expect(first.isSame).toBe(false);
});
