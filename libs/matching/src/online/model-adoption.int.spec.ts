import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Pool } from 'pg';
import { SYSTEM_CHAIN } from '@chartledger/ledger';
import { ANONYMOUS } from '@chartledger/platform';
import { eventually, startTestDatabase, type TestDatabase, type TestStages } from '@chartledger/testing';
import { DEFAULT_MODEL } from '../engine/default-model.js';
import { type Model } from '../engine/model.js';
import { withVersion } from '../engine/model-version.js';
import { FeatureStore } from '../features/feature-store.js';
import { compareModel, type ModelComparison } from '../models/compare-model.js';
import { readStanding, type Standing } from '../persons/standing-persons.js';
import { StewardService } from '../steward/steward.service.js';
import { type Matcher } from './matcher.js';
import { DecisionLock } from './decision-lock.js';
import { CHAIN, withMatching, type MatchingStages } from './matching-stages.fixture.js';
import { ModelAdoption } from './model-adoption.js';
import { modelReader } from './model-entry.js';
import { anyPatient } from './patients.fixture.js';
import { replayDecision } from './replay.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.stop());

const withThresholds = (link: number, review: number): Model =>
  withVersion({ ...DEFAULT_MODEL, thresholds: { certain: Math.max(17_000, link), link, review } });
/** Hardly anybody is alike, and nearly everybody is. */
const STRICT = withThresholds(24_000, 20_000);
const LOOSE = withThresholds(-2_000, -6_000);
/** Nobody is asked about, so that people do not hang together. */
const UNASKING = withThresholds(6_000, 6_000);
const MODELS = { strict: STRICT, loose: LOOSE, asking: withThresholds(6_000, -6_000) };

const standingOf = async ({ stages }: MatchingStages): Promise<Standing> => {
  const { schema, applied } = await stages.views.upToDate('persons', SYSTEM_CHAIN);
  return readStanding(stages.pool, schema, applied);
};
const adopt = ({ stages, ids, lock }: MatchingStages, model: Model): ReturnType<ModelAdoption['adopt']> =>
  new ModelAdoption({ ...stages, ids, lock }).adopt(ANONYMOUS, { model, reason: 'a test' });
const settled = (matching: MatchingStages): Promise<boolean> =>
  eventually('every record to be matched under the new model', async () => {
    const { fence, model } = await standingOf(matching);
    return fence?.progress.model === `${SYSTEM_CHAIN}:${model}`;
  });

/** Reads nothing of what stands while it is held. */
class HeldFeatures extends FeatureStore {
  private gate: Promise<void> = Promise.resolve();

  hold(): () => void {
    let open = (): void => undefined;
    this.gate = new Promise((resolve) => (open = resolve));
    return open;
  }

  override async *standing(...position: Parameters<FeatureStore['standing']>): ReturnType<FeatureStore['standing']> {
    await this.gate;
    yield* super.standing(...position);
  }
}

/** People who are like nobody else. */
const someone = (at: number): object => ({
  name: [
    { family: `${'bcdfghklmnprstvz'[at % 16]}o${'gklmnrst'[at % 8]}i${'bdfgklmnprstvz'[at % 14]}`, given: ['Annabel'] },
  ],
  birthDate: `${1930 + 2 * at}-0${1 + (at % 9)}-1${at % 10}`,
  gender: 'female',
  address: [{ line: [`${3 * at + 1} Mill Lane`], city: 'Rockport', postalCode: '04856' }],
});

/** Asks nobody for all persons while it is held; in between they change. */
function heldPool(pool: Pool): { pool: Pool; asked: Promise<void>; hold: () => () => void } {
  let gate = Promise.resolve();
  let isAsked = (): void => undefined;
  const asked = new Promise<void>((resolve) => (isAsked = resolve));
  let isHeld = false;
  const query = async (...given: unknown[]): Promise<unknown> => {
    const [first] = given as [{ name?: string }];
    if (first.name?.startsWith('persons.everybody') && isHeld) {
      isAsked();
      await gate;
    }
    return Reflect.apply(pool.query, pool, given) as Promise<unknown>;
  };
  return {
    pool: new Proxy(pool, {
      get: (target, name) => (name === 'query' ? query : (Reflect.get(target, name) as unknown)),
    }),
    asked,
    hold: () => {
      let open = (): void => undefined;
      isHeld = true;
      gate = new Promise((resolve) => (open = resolve));
      return open;
    },
  };
}

/** People as they come in, some of whom a steward has ruled on. */
async function populate(matching: MatchingStages, patients: readonly object[]): Promise<Matcher> {
  const matcher = matching.startMatcher();
  const named = Object.fromEntries(patients.map((patient, at) => [`clinic/${at}`, patient]));
  await matcher.reached(CHAIN, await matching.send(named));
  return matcher;
}

async function compare({ stages }: MatchingStages, model: Model): Promise<ModelComparison> {
  const { pool, views, dataKeys } = stages;
  await views.upToDate('persons', SYSTEM_CHAIN);
  const patients = { pool, views, features: new FeatureStore(pool, dataKeys), chains: [SYSTEM_CHAIN, CHAIN] };
  return compareModel(patients, model, { threads: 0, most: 3 });
}

const pairsOf = (partition: readonly string[][]): Set<string> =>
  new Set(
    partition.flatMap((names) => names.flatMap((one, at) => names.slice(at + 1).map((other) => `${one} ${other}`))),
  );

describe('a model that is adopted', () => {
  it('makes of the same records what a ledger has that began with it, and what was said before it was adopted', async () => {
    const names = fc.constantFrom(...(Object.keys(MODELS) as (keyof typeof MODELS)[]));
    await fc.assert(
      fc.asyncProperty(fc.array(anyPatient, { minLength: 12, maxLength: 30 }), names, async (patients, name) => {
        const model = MODELS[name];
        const begunWith = await withMatching(database, async (matching) => {
          await adopt(matching, model);
          await populate(matching, patients);
          await settled(matching);
          return matching.partition();
        });
        await withMatching(database, async (matching) => {
          await populate(matching, patients);
          const before = pairsOf(await matching.partition());
          const said = await compare(matching, model);
          await adopt(matching, model);
          await settled(matching);
          const partition = await matching.partition();
          const after = pairsOf(partition);
          expect(partition).toEqual(begunWith);
          expect(said.persons.after).toBe(partition.length);
          expect(said.pairs).toEqual({
            before: before.size,
            linked: [...after].filter((pair) => !before.has(pair)).length,
            unlinked: [...before].filter((pair) => !after.has(pair)).length,
          });
          const again = await compare(matching, model);
          expect(again).toMatchObject({ groups: 0, isUnsettled: false, pairs: { before: after.size } });
          const { asked, linked, withdrawn, before: waiting } = said.reviews;
          expect(again.reviews.before).toBe(waiting + asked - linked - withdrawn);
        });
      }),
      { numRuns: 4, endOnFailure: true },
    );
  });

  it('does not overrule a steward, and can be one of before; decisions under each come out the same again', () =>
    withMatching(database, async (matching) => {
      const { stages, ids, lock, reader } = matching;
      const patient = fc.sample(anyPatient, { numRuns: 1, seed: 3 })[0];
      const others = fc.sample(anyPatient, { numRuns: 10, seed: 11 });
      await populate(matching, [patient, patient, patient, ...others]);
      const before = await matching.partition();
      const first = await adopt(matching, LOOSE);
      await settled(matching);
      const { value: person } = await reader.personOf(ANONYMOUS, { source: 'clinic', patient: '0' });
      const steward = new StewardService({ ...stages, ids, lock });
      await steward.decide(ANONYMOUS, {
        kind: 'unlink',
        reason: 'two people',
        person: person!,
        record: 'clinic/Patient/1',
      });
      const ruled = (partition: readonly string[][]): boolean =>
        partition.some((names) => names.includes('clinic/0') && names.includes('clinic/1'));
      expect(ruled(before)).toBe(true);
      for (const model of [STRICT, LOOSE, DEFAULT_MODEL]) {
        await adopt(matching, model);
        await settled(matching);
        expect(ruled(await matching.partition())).toBe(false);
      }
      const { pool, ledger, opener } = stages;
      const { schema } = await standingOf(matching);
      const context = { pool, ledger, opener, ids, modelAt: modelReader(ledger, opener), persons: schema };
      const { rows } = await pool.query<{ seq: string }>(
        `select seq from ${schema}.decision where by = 'model' order by seq`,
      );
      const models = new Set<string | undefined>();
      for (const { seq } of rows) {
        const replay = await replayDecision(context, `${SYSTEM_CHAIN}:${seq}`);
        expect(replay).toMatchObject({ differences: [] });
        models.add(replay.model);
      }
      expect(models).toEqual(new Set([DEFAULT_MODEL.version, LOOSE.version, STRICT.version]));
      expect(first.version).toBe(LOOSE.version);
    }));

  it('is gone on with by the next matcher where one was broken off, and what came meanwhile is matched under it', () =>
    withMatching(database, async (matching) => {
      const patients = fc.sample(anyPatient, { numRuns: 60, seed: 5 });
      const matcher = await populate(matching, patients);
      await matcher.stop();
      await adopt(matching, STRICT);
      // It ends after the first decision under the model; its batches are of one group, so that there are several.
      const submissions: string[] = [];
      const broken = matching.startMatcher({
        maxBatch: 1,
        submit: async (submission) => {
          if (submissions.length === 2) throw new Error('killed');
          submissions.push(submission.id);
          return matching.stages.submit(submission);
        },
      });
      await eventually('two decisions under the new model', () => Promise.resolve(submissions.length === 2));
      await broken.stop();
      const { fence } = await standingOf(matching);
      expect(fence!.progress.adopting).toMatchObject({ done: expect.any(Number) });
      const next = matching.startMatcher();
      await next.reached(CHAIN, await matching.send({ 'clinic/late': patients[0] }));
      await settled(matching);
      const partition = await matching.partition();
      const fresh = await withMatching(database, async (other) => {
        await adopt(other, STRICT);
        const one = await populate(other, patients);
        await one.reached(CHAIN, await other.send({ 'clinic/late': patients[0] }));
        await settled(other);
        return other.partition();
      });
      expect(partition).toEqual(fresh);
    }));

  it('is got ready while others are matched under the one before, and who they are is decided again under it', () =>
    withMatching(database, async (matching) => {
      const patients = fc.sample(anyPatient, { numRuns: 40, seed: 9 });
      const { pool, dataKeys } = matching.stages;
      const features = new HeldFeatures(pool, dataKeys);
      const named = (from: number, to: number): Record<string, object> =>
        Object.fromEntries(patients.slice(from, to).map((patient, at) => [`clinic/${from + at}`, patient]));
      const matcher = matching.startMatcher({ features });
      await matcher.reached(CHAIN, await matching.send(named(0, 15)));
      const open = features.hold();
      await adopt(matching, STRICT);
      await eventually('the model to be got ready', () => matcher.preparing !== undefined);
      await matcher.reached(CHAIN, await matching.send(named(15, 30)));
      await matcher.reached(CHAIN, await matching.send({ 'clinic/2': undefined, 'clinic/20': patients[1] }));
      expect((await standingOf(matching)).fence?.progress.model).toBeUndefined();
      const meanwhile = await matching.partition();
      open();
      await settled(matching);
      await matcher.reached(CHAIN, await matching.send(named(30, 40)));
      const final = { ...named(0, 40), 'clinic/20': patients[1] };
      const fresh = await withMatching(database, async (other) => {
        await adopt(other, STRICT);
        const one = other.startMatcher();
        await one.reached(CHAIN, await other.send({ ...final, 'clinic/2': undefined }));
        await settled(other);
        return other.partition();
      });
      expect(await matching.partition()).toEqual(fresh);
      expect(pairsOf(meanwhile).size).toBeGreaterThan(pairsOf(fresh).size);
    }));

  it('takes the place of one that is not all decided yet', () =>
    withMatching(database, async (matching) => {
      const patients = Array.from({ length: 24 }, (_, at) => Array<object>(2).fill(someone(at))).flat();
      // One group a decision; what the second model is compared with is read before the first one's last decisions.
      const held = heldPool(matching.stages.pool);
      let mayDecide = (): Promise<unknown> => Promise.resolve();
      const submit: TestStages['submit'] = async (submission) => {
        await mayDecide();
        return matching.stages.submit(submission);
      };
      const matcher = matching.startMatcher({ maxBatch: 1, pool: held.pool, submit });
      const named = Object.fromEntries(patients.map((patient, at) => [`clinic/${at}`, patient]));
      await matcher.reached(CHAIN, await matching.send(named));
      let decisions = 0;
      let goOn = (): void => undefined;
      const adoptedAgain = new Promise<void>((resolve) => (goOn = resolve));
      mayDecide = () => (++decisions < 4 ? Promise.resolve() : adoptedAgain);
      await adopt(matching, STRICT);
      await eventually('the first decisions', () => decisions === 4);
      const open = held.hold();
      // The matcher has its turn; the fence lets this one through all the same.
      const second = await adopt({ ...matching, lock: new DecisionLock() }, UNASKING);
      // Two more, then it waits until who is whom is being read for the second model.
      mayDecide = () => (++decisions < 7 ? Promise.resolve() : held.asked);
      goOn();
      await eventually('the first model to be decided', async () => {
        const { fence } = await standingOf(matching);
        return fence?.progress.model !== undefined;
      });
      expect(matcher.preparing).toMatchObject({ model: Number(second.position.split(':')[1]) });
      open();
      await settled(matching);
      const fresh = await withMatching(database, async (other) => {
        await adopt(other, UNASKING);
        await populate(other, patients);
        await settled(other);
        return other.partition();
      });
      expect(await matching.partition()).toEqual(fresh);
    }));

  it.each<[string, (model: Model) => unknown, string]>([
    ['is not one', () => 'model', 'a model must be an object'],
    ['lacks something', ({ weights: _, ...model }) => model, 'weights is missing'],
    [
      'has a level too few',
      (model) => ({
        ...model,
        weights: { ...model.weights, twin: model.weights.twin.map((one, at) => (at === 3 ? one.slice(1) : one)) },
      }),
      'weights.twin[3] must have the 5 levels of identifier',
    ],
    ['was changed by hand', (model) => ({ ...model, families: !model.families }), 'version must be'],
    ['was made for another program', (model) => ({ ...model, preparation: 0 }), 'preparation must be 1'],
  ])('is refused where it %s, with the place', async (_what, broken, fault) => {
    await withMatching(database, async (matching) => {
      const { stages, ids, lock } = matching;
      const adoption = new ModelAdoption({ ...stages, ids, lock });
      const refused = adoption.adopt(ANONYMOUS, { model: broken(STRICT), reason: 'a test' });
      await expect(refused).rejects.toMatchObject({ status: 400, message: expect.stringContaining(fault) });
      expect((await standingOf(matching)).model).toBeUndefined();
    });
  });
});
