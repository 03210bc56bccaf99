import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ANONYMOUS } from '@chartledger/platform';
import { openStages, startTestDatabase, type TestDatabase, type TestStages } from '@chartledger/testing';
import { systemSubmission, type SystemChange } from './system-submission.js';

let database: TestDatabase;
let stages: TestStages;
beforeAll(async () => {
  database = await startTestDatabase();
  stages = await openStages(await database.another(), database.dataDir);
});
afterAll(async () => {
  await stages.stop();
  await database.stop();
});

const person = (id: string, more: Partial<SystemChange> = {}): SystemChange => ({
  type: 'Person',
  id,
  resource: { resourceType: 'Person', id, link: [{ target: { reference: 'clinic/Patient/p1' } }] },
  kind: 'person.link',
  decision: { basis: { 1: 7 } },
  ...more,
});

const submit = (id: string, changes: SystemChange[]): ReturnType<TestStages['submit']> =>
  stages.submit(
    systemSubmission({ actor: ANONYMOUS, id: `00000000-0000-8000-8000-00000000000${id}`, requestId: 'test', changes }),
  );

it('a decision is a version of a record, with what it stands on beside its text', async () => {
  const { seq } = await submit('1', [person('p1')]);
  const [stored] = await stages.ledger.get(0, [seq]);
  const [entry] = await stages.opener.project([stored!]);
  expect(entry).toMatchObject({
    id: 'p1',
    envelope: { kind: 'person.link', type: 'Person', version: 1, source: 'chartledger' },
    decision: { basis: { 1: 7 } },
  });
  expect(JSON.parse(entry.text!.toString())).toMatchObject({ resourceType: 'Person' });
  const { results } = await submit('2', [person('p1')]);
  expect(results).toMatchObject([{ version: 2 }]);
});

it('the same decision again is dropped', async () => {
  const first = await submit('3', [person('p2')]);
  expect(await submit('3', [person('p2')])).toMatchObject({ repeated: true, seq: first.seq });
});

it('what stands on a version that is no more is refused, and nothing of it is written', async () => {
  await submit('4', [person('p3')]);
  const { seq } = await submit('5', [person('p3', { ifMatch: 1 })]);
  await expect(submit('6', [person('p4'), person('p3', { ifMatch: 1 })])).rejects.toMatchObject({ status: 412 });
  await expect(submit('7', [person('p3', { mustBeNew: true })])).rejects.toMatchObject({ status: 412 });
  expect((await stages.ledger.head(0)).seq).toBe(seq);
});
