import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openStages, startTestDatabase, type TestDatabase, type TestStages } from '@chartledger/testing';
import { type StoredEntry } from '@chartledger/ledger';
import { LocalRows } from './row-source.js';
import { type MadeView } from './row-maker.js';
import { RowsThread } from './rows-thread.js';
import { viewSource } from './view-source.js';

/** The thread as it is built: threads run what is compiled. */
const PROGRAM = new URL('../../../../dist/libs/population/src/live/rows.worker.js', import.meta.url);

const DEFINITION = {
  resourceType: 'ViewDefinition',
  name: 'names',
  status: 'active',
  resource: 'Patient',
  select: [
    {
      column: [
        { name: 'id', path: 'id', type: 'id' },
        { name: 'active', path: 'active', type: 'boolean' },
        { name: 'families', path: 'name.family', type: 'string', collection: true },
        { name: 'born', path: 'birthDate', type: 'date', tag: [{ name: 'ansi/type', value: 'DATE' }] },
        { name: 'gender', path: 'gender' },
      ],
    },
  ],
};

let database: TestDatabase;
let stages: TestStages;
let stored: StoredEntry[] = [];
beforeAll(async () => {
  database = await startTestDatabase();
  stages = await openStages(await database.another(), database.dataDir);
  const patients = [
    { id: 'a', active: true, name: [{ family: 'Ødegård 李' }, { family: 'Chalmers' }], birthDate: '1974-12-25' },
    { id: 'b', birthDate: '1974' },
    { id: 'a', active: false, gender: 'male' },
  ];
  for (const patient of patients)
    await stages.send({ id: patient.id }, JSON.stringify({ resourceType: 'Patient', ...patient }));
  await stages.send({ method: 'DELETE', type: 'Patient', id: 'b' });
  for await (const batch of stages.ledger.read(1, 0)) stored = [...stored, ...batch];
});
afterAll(async () => {
  await stages.stop();
  await database.stop();
});

it('makes the rows that this thread makes, and works on after a failure and after a rest', async () => {
  const definition = JSON.stringify(DEFINITION);
  const views: MadeView[] = [{ no: 7, definition, source: viewSource(DEFINITION) }];
  const expected = await new LocalRows(stages.opener).make(views, stored);
  expect(expected.views[0].packed.rows).toBe(3);
  const thread = new RowsThread(stages.opener, PROGRAM);
  try {
    expect(await thread.make(views, stored)).toEqual(expected);
    const changed = { ...stored[0], payload: Buffer.from(stored[0].payload).reverse() };
    await expect(thread.make(views, [changed])).rejects.toThrow('the payload does not open');
    const all = await Promise.all([thread.make(views, stored), thread.make(views, []), thread.make(views, stored)]);
    expect(all[0]).toEqual(expected);
    expect(all[1].records.seqs).toHaveLength(0);
    expect(all[2]).toEqual(expected);
    await thread.rest();
    expect(await thread.make(views, stored)).toEqual(expected);
  } finally {
    await thread.rest();
  }
});
