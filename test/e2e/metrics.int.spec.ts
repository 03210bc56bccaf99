import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { addPoolMetrics } from '@chartledger/database';
import { type Ledger } from '@chartledger/ledger';
import { openStages, startTestDatabase, type TestDatabase, type TestStages } from '@chartledger/testing';

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.stop());

const patient = (id: string): string => JSON.stringify({ resourceType: 'Patient', id, name: [{ family: 'Chalmers' }] });

async function withStages(
  work: (stages: TestStages) => Promise<void>,
  wrapLedger?: (ledger: Ledger) => Ledger,
): Promise<void> {
  const stages = await openStages(await database.another(), database.dataDir, wrapLedger ? { wrapLedger } : {});
  try {
    await work(stages);
  } finally {
    await stages.stop();
  }
}

/** The samples by name and labels as they are written, such as `a_total{chain="1"}`. */
async function samplesOf({ metrics }: TestStages): Promise<Map<string, number>> {
  const lines = (await metrics.registry.metrics()).split('\n').filter((line) => line.startsWith('chartledger_'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]));
}

async function applied({ views }: TestStages): Promise<void> {
  await Promise.all(views.all().map((view) => view.reached(view.feed.head)));
}

describe('the metrics of the stages', () => {
  it('count what became of submissions, groups and batches', () =>
    withStages(async (stages) => {
      const idempotencyKey = randomUUID();
      await stages.send({ id: 'p1', idempotencyKey }, patient('p1'));
      await stages.send({ id: 'p1', idempotencyKey }, patient('p1'));
      await stages.send({ id: 'p2' }, patient('p2'));
      await expect(stages.send({ id: 'p2', ifMatch: '7' }, patient('p2'))).rejects.toMatchObject({ status: 412 });
      await applied(stages);
      const samples = await samplesOf(stages);
      const submissions = (outcome: string): number | undefined =>
        samples.get(`chartledger_sequence_submissions_total{chain="1",outcome="${outcome}"}`);
      expect(['accepted', 'repeated', 'refused', 'failed'].map(submissions)).toEqual([2, 1, 1, undefined]);
      expect(samples.get('chartledger_sequence_seconds_count{chain="1"}')).toBe(4);
      expect(samples.get('chartledger_append_entries_total{chain="1"}')).toBe(2);
      for (const view of ['records', 'lineage']) {
        expect(samples.get(`chartledger_project_batch_entries_sum{view="${view}"}`)).toBe(2);
        expect(samples.get(`chartledger_project_batch_seconds_count{view="${view}"}`)).toBeGreaterThan(0);
      }
    }));

  it('count races that were lost, and appends of unknown outcome', () => {
    let appends = 0;
    const faulty = (ledger: Ledger): Ledger =>
      Object.assign(Object.create(ledger) as Ledger, {
        append: async (...given: Parameters<Ledger['append']>): Promise<boolean> => {
          appends += 1;
          if (appends === 1) return false;
          if (appends === 3) throw new Error('the connection broke');
          return ledger.append(...given);
        },
      });
    return withStages(async (stages) => {
      await stages.send({ id: 'p1' }, patient('p1'));
      await expect(stages.send({ id: 'p2' }, patient('p2'))).rejects.toMatchObject({ status: 503 });
      const samples = await samplesOf(stages);
      expect(samples.get('chartledger_append_lost_races_total{chain="1"}')).toBe(1);
      expect(samples.get('chartledger_append_unknown_total{chain="1"}')).toBe(1);
      expect(samples.get('chartledger_sequence_submissions_total{chain="1",outcome="failed"}')).toBe(1);
    }, faulty);
  });

  it('say nothing of patients, and grow with none', () =>
    withStages(async (stages) => {
      await stages.send({ id: 'mrn-1' }, patient('mrn-1'));
      await applied(stages);
      const names = [...(await samplesOf(stages)).keys()];
      for (let at = 2; at < 60; at += 1) await stages.send({ id: `mrn-${at}` }, patient(`mrn-${at}`));
      await applied(stages);
      const after = [...(await samplesOf(stages)).keys()];
      expect(after).toEqual(names);
      expect(after.join()).not.toMatch(/mrn-|Chalmers|clinic/);
    }));

  it('know how old what a view does not have yet is', () =>
    withStages(async (stages) => {
      await stages.send({ id: 'p1' }, patient('p1'));
      await applied(stages);
      const view = stages.views.view('lineage', 1);
      expect(view.lagSeconds).toBe(0);
      const client = await stages.pool.connect();
      try {
        await client.query(`begin; lock table ${view.schema}.reference in access exclusive mode`);
        await stages.send({ id: 'p2' }, patient('p2'));
        const first = view.lagSeconds;
        await client.query('select pg_sleep(0.2)');
        expect(view.lagSeconds - first).toBeGreaterThan(0.1);
        expect(view.lagSeconds).toBeLessThan(30);
      } finally {
        await client.query('rollback');
        client.release();
      }
      await applied(stages);
      expect(view.lagSeconds).toBe(0);
    }));

  it('show the connections to the database, and who waits for one', () =>
    withStages(async (stages) => {
      addPoolMetrics(stages.metrics, stages.pool);
      const before = await samplesOf(stages);
      const max = before.get('chartledger_database_connections_max')!;
      const taken = await Promise.all(
        Array.from({ length: max - before.get('chartledger_database_connections{state="used"}')! }, () =>
          stages.pool.connect(),
        ),
      );
      const waiting = stages.pool.connect();
      const full = await samplesOf(stages);
      expect(full.get('chartledger_database_connections{state="used"}')).toBe(max);
      expect(full.get('chartledger_database_waiting')).toBe(1);
      for (const client of taken) client.release();
      (await waiting).release();
      expect((await samplesOf(stages)).get('chartledger_database_waiting')).toBe(0);
    }));
});
