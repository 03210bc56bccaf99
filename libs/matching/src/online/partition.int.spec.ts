import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SYSTEM_CHAIN } from '@chartledger/ledger';
import { rebuild } from '@chartledger/projection';
import { startTestDatabase, type TestDatabase } from '@chartledger/testing';
import { PersonsProjection } from '../persons/persons.projection.js';
import { CHAIN, withMatching } from './matching-stages.fixture.js';
import { anyPatient, ODD_PATIENTS } from './patients.fixture.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.stop());

type Step = readonly [name: string, patient: object | undefined];

/** Carries out the steps in pieces, each matched before the next; at each break the matcher is another one. */
function partitionOf(steps: readonly Step[], breaks: readonly number[]): Promise<string[][]> {
  return withMatching(database, async (matching) => {
    let start = 0;
    for (const end of [...breaks, steps.length].sort((a, b) => a - b)) {
      let last = -1;
      for (const [name, patient] of steps.slice(start, end)) last = await matching.send({ [name]: patient });
      start = end;
      if (last === -1) continue;
      const matcher = matching.startMatcher();
      await matcher.reached(CHAIN, last);
      await matcher.stop();
    }
    return matching.partition();
  });
}

const records = fc.dictionary(fc.constantFrom(...'abcdefghij'.split('').map((id) => `clinic/${id}`)), anyPatient, {
  minKeys: 4,
  noNullPrototype: true,
});

it('who is one person does not depend on the order in which records came, on former versions, batches or restarts', async () => {
  const runs = records.chain((final) => {
    const names = Object.keys(final);
    const detours = fc.array(fc.tuple(fc.constantFrom(...names), fc.option(anyPatient, { nil: undefined })), {
      maxLength: 8,
    });
    const breaks = fc.array(fc.nat(names.length), { maxLength: 3 });
    const order = fc.shuffledSubarray(names, { minLength: names.length });
    return fc.tuple(fc.constant(final), order, order, detours, breaks);
  });
  await fc.assert(
    fc.asyncProperty(runs, async ([final, one, other, detours, breaks]) => {
      const steps = (order: readonly string[]): Step[] => order.map((name) => [name, final[name]]);
      const straight = await partitionOf(steps(one), []);
      const winding = await partitionOf(
        [...detours, ...steps(other)],
        breaks.map((at) => at + detours.length),
      );
      expect(winding).toEqual(straight);
      expect(straight.flat().sort()).toEqual(Object.keys(final).sort());
    }),
    { numRuns: 4 },
  );
});

it('the ledger alone gives the same persons again, with the same ids, as of every position', () =>
  withMatching(database, async (matching) => {
    const { stages } = matching;
    const matcher = matching.startMatcher();
    for (const [at, patient] of fc.sample(anyPatient, { numRuns: 25, seed: 7 }).entries()) {
      const id = `clinic/${(at * 5) % 12}`;
      await matcher.reached(CHAIN, await matching.send({ [id]: patient }));
    }
    const rows = async (): Promise<unknown[]> => {
      const { schema } = await stages.views.upToDate('persons', SYSTEM_CHAIN);
      const tables = ['person', 'member', 'decision', 'review', 'ruling', 'progress', 'fence'];
      return Promise.all(
        tables.map(
          async (table) => (await stages.pool.query(`select * from ${schema}.${table} t order by t::text`)).rows,
        ),
      );
    };
    const before = await rows();
    await matcher.stop();
    await rebuild(stages, new PersonsProjection(), () => undefined);
    const after = await rows();
    expect(after).toEqual(before);
    expect((before[0] as unknown[]).length).toBeGreaterThan(5);
  }));

it('odd input is matched or left alone, never an error', () =>
  withMatching(database, async (matching) => {
    const matcher = matching.startMatcher();
    const seq = await matching.send(Object.fromEntries(ODD_PATIENTS.map((patient, at) => [`clinic/${at}`, patient])));
    await matcher.reached(CHAIN, seq);
    expect(matcher.error).toBeUndefined();
    const names = (await matching.partition()).flat();
    expect(names).toHaveLength(ODD_PATIENTS.length);
  }));
