import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SYSTEM_CHAIN } from '@chartledger/ledger';
import { ANONYMOUS, UnavailableError } from '@chartledger/platform';
import { type Outcome, type Submission } from '@chartledger/sequence';
import { startTestDatabase, type TestDatabase } from '@chartledger/testing';
import { StewardConflict } from '../steward/steward-decision.js';
import { type StewardCommand } from '../steward/steward-command.js';
import { StewardService } from '../steward/steward.service.js';
import { DecisionLock } from './decision-lock.js';
import { DEFAULT_MODEL } from '../engine/default-model.js';
import { FeatureStore } from '../features/feature-store.js';
import { rulingsAt } from '../persons/standing-persons.js';
import { CHAIN, withMatching, type MatchingStages } from './matching-stages.fixture.js';
import { neighbourhoods } from './neighbourhood.js';
import { PatientFollower } from './patient-follower.js';
import { anyPatient } from './patients.fixture.js';
import { Rulings } from './rulings.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.stop());

/** Records that were of two persons at one position, at any time. */
async function doubles({ stages }: MatchingStages): Promise<number> {
  const { schema } = await stages.views.upToDate('persons', SYSTEM_CHAIN);
  const { rows } = await stages.pool.query<{ count: number }>(
    `select count(*)::int4 as count from ${schema}.member a join ${schema}.member b
       on a.source = b.source and a.patient = b.patient and (a.person, a.seq_from) <> (b.person, b.seq_from)
       and a.seq_from < b.seq_to and b.seq_from < a.seq_to`,
  );
  return rows[0].count;
}

it('16 writers, stewards and matchers at once: no record of two persons, no decision lost', () =>
  withMatching(database, async (matching) => {
    const { stages, ids } = matching;
    const patients = fc.sample(anyPatient, { numRuns: 64, seed: 11 });
    const matchers = [0, 1].map(() => matching.startMatcher({ lock: new DecisionLock(stages.pool) }));
    const first = await matching.send(
      Object.fromEntries(patients.slice(0, 12).map((patient, at) => [`clinic/${at}`, patient])),
    );
    await Promise.all(matchers.map((matcher) => matcher.reached(CHAIN, first)));

    const writers = Array.from({ length: 8 }, async (_, writer) => {
      let last = -1;
      for (let at = 0; at < 6; at++) {
        last = await matching.send({ [`clinic/${(writer * 3 + at) % 12}`]: patients[(writer * 6 + at) % 64] });
      }
      return last;
    });
    const accepted: StewardCommand[] = [];
    const stewards = Array.from({ length: 8 }, async (_, number) => {
      const steward = new StewardService({ ...stages, ids, lock: new DecisionLock(stages.pool) });
      for (let turn = 0; turn < 5; turn++) {
        const command = await anyCommand(matching, number * 5 + turn);
        try {
          await steward.decide({ client: `steward-${number}` }, command);
          accepted.push(command);
        } catch (error) {
          if (!(error instanceof StewardConflict)) throw error;
        }
      }
    });
    const seqs = await Promise.all(writers);
    await Promise.all(stewards);
    // One more, so that what stewards have ruled before it is taken in too.
    const last = Math.max(...seqs, await matching.send({ 'clinic/0': patients[63] }));
    await Promise.all(matchers.map((matcher) => matcher.reached(CHAIN, last)));

    const { schema, applied } = await stages.views.upToDate('persons', SYSTEM_CHAIN);
    const { rows } = await stages.pool.query<{ count: number }>(
      `select count(distinct submission)::int4 as count from ${schema}.decision where by = 'steward' and seq <= $1`,
      [applied],
    );
    expect(accepted.length).toBeGreaterThan(5);
    expect(rows[0].count).toBe(accepted.length);
    expect(await doubles(matching)).toBe(0);
    expect((await matching.partition()).flat()).toHaveLength(12);
    expect(await matching.partition()).toEqual(await recomputed(matching, last));
  }));

/** The partition that the records and the rulings that stand give, however they came to be. */
async function recomputed({ stages }: MatchingStages, seq: number): Promise<string[][]> {
  const { pool, views, dataKeys } = stages;
  const context = { views, chains: [CHAIN], features: new FeatureStore(pool, dataKeys) };
  const { index } = await PatientFollower.load(context, DEFAULT_MODEL, new Map([[CHAIN, seq]]));
  const { schema, applied } = await views.upToDate('persons', SYSTEM_CHAIN);
  const rulings = new Rulings(await rulingsAt(pool, schema, applied));
  return neighbourhoods(index, rulings, new Set(index.names()))
    .flatMap(({ records, clusters }) =>
      clusters.map((cluster) => cluster.map((at) => records[at].replace('/Patient', ''))),
    )
    .sort((a, b) => (a[0] < b[0] ? -1 : 1));
}

/** Merges and splits of whoever is there now. */
async function anyCommand({ reader }: MatchingStages, number: number): Promise<StewardCommand> {
  const reason = `reason ${number}`;
  const records = [0, 1, 2].map((at) => ({ source: 'clinic', patient: String((number * 5 + at * 7) % 12) }));
  const { value: persons } = await reader.personsOf(ANONYMOUS, records);
  const found = [...persons];
  const [record, person] = found[0];
  const other = found.find(([, one]) => one !== person)?.[1];
  if (other !== undefined && number % 2 === 0) return { kind: 'merge', person, other, reason };
  return { kind: 'unlink', person, record, reason };
}

it('a decision whose answer was lost is not made twice', () =>
  withMatching(database, async (matching) => {
    const { stages } = matching;
    let lost = 0;
    const losing = async (submission: Submission): Promise<Outcome> => {
      const outcome = await stages.submit(submission);
      if (lost++ % 2 === 0) throw new UnavailableError('the answer is lost');
      return outcome;
    };
    const patients = fc.sample(anyPatient, { numRuns: 6, seed: 3 });
    const seq = await matching.send(Object.fromEntries(patients.map((patient, at) => [`clinic/${at}`, patient])));
    const dying = matching.startMatcher({ submit: losing });
    await dying.reached(CHAIN, seq);
    await dying.stop();
    expect(lost).toBeGreaterThan(0);
    expect(await doubles(matching)).toBe(0);
    const { schema } = await stages.views.upToDate('persons', SYSTEM_CHAIN);
    const { rows } = await stages.pool.query<{ count: number }>(
      `select count(*)::int4 as count from ${schema}.decision`,
    );
    // As many as persons were born: the second try found that nothing was left to change.
    expect(rows[0].count).toBe((await matching.partition()).length);
  }));

it('a decision of a matcher that was taken for dead, and comes late, is refused by the fence', () =>
  withMatching(database, async (matching) => {
    const { stages } = matching;
    const [one, other] = fc.sample(anyPatient, { numRuns: 2, seed: 5 });
    const seq = await matching.send({ 'clinic/0': one });
    let release!: () => void;
    const held = new Promise<void>((resolve) => (release = resolve));
    let asked!: (submission: Submission) => void;
    const isAsked = new Promise<Submission>((resolve) => (asked = resolve));
    const paused = matching.startMatcher({
      lock: { run: (work: () => Promise<unknown>) => work() } as DecisionLock,
      submit: async (submission) => {
        asked(submission);
        await held;
        return stages.submit(submission);
      },
    });
    await isAsked;
    const next = matching.startMatcher();
    const later = await matching.send({ 'clinic/1': other });
    await next.reached(CHAIN, Math.max(seq, later));
    release();
    await paused.reached(CHAIN, later);
    expect(await doubles(matching)).toBe(0);
    expect((await matching.partition()).flat().sort()).toEqual(['clinic/0', 'clinic/1']);
  }));
