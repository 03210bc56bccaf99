import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Demographics } from '@chartledger/projection';
import { applyModel } from '../batch/apply-model.js';
import { APPLYING, StageProgress } from '../batch/stage-progress.js';
import { DEFAULT_MODEL } from '../engine/default-model.js';
import { personFieldsOf } from '../fields/person-fields-of.js';
import { ComparedSet } from './compared-set.js';
import { anyPatient, ODD_PATIENTS } from './patients.fixture.js';
import { RecordIndex } from './record-index.js';

it('a batch finds the pairs, with the scores, that records find one by one under the same model', async () => {
  const patients = fc.array(fc.oneof({ weight: 8, arbitrary: anyPatient }, fc.constantFrom(...ODD_PATIENTS)), {
    minLength: 2,
    maxLength: 40,
  });
  const names = fc.array(fc.nat(39), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(patients, names, async (people, hot) => {
      const fields = people.map((patient) => personFieldsOf(patient as Demographics, 'clinic'));
      const first = new RecordIndex(DEFAULT_MODEL);
      fields.forEach((one, at) => first.put({ name: `clinic/Patient/${at}`, chain: 1, seq: at, time: 0 }, one));
      // Some keys that occur are too frequent, so that they are narrowed.
      const hotKeys = hot.flatMap((at) => (at < people.length ? first.table.keys(at).slice(0, 6) : []));
      const model = { ...DEFAULT_MODEL, hotKeys: [...DEFAULT_MODEL.hotKeys, ...hotKeys] };
      const index = new RecordIndex(model);
      fields.forEach((one, at) => index.put({ name: `clinic/Patient/${at}`, chain: 1, seq: at, time: 0 }, one));
      const pairs = await applyModel(index.table.arrays, model, { threads: 0, progress: new StageProgress(APPLYING) });
      const set = new ComparedSet(model, [...index.names()], pairs, index.table);
      const inOrder = (edges: readonly { row: number; score: number }[]): unknown[] =>
        [...edges].sort((a, b) => a.row - b.row);
      for (let row = 0; row < people.length; row++) {
        expect(inOrder(set.edgesOf(row))).toEqual(inOrder(index.edgesOf(row)));
      }
    }),
    { numRuns: 60 },
  );
});
