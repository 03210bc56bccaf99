import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FhirError } from '@chartledger/platform';
import { eventually, openStages, startTestDatabase, type TestDatabase, type TestStages } from '@chartledger/testing';
import fc from 'fast-check';
import { activeGeneration, schemaOf } from './generations.js';
import { ANCHOR, histories, type Request } from './history.fixture.js';
import { type Projection } from './projection.port.js';
import { rebuild } from './rebuild.js';

const RUNS = 8;
/** Each is a moment in which the view and what was decided since might not fit together. */
const SWAPS = 12;
const TIMEOUT_MS = 120_000;

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.stop());

describe('a rebuilt view', () => {
  it(
    'has exactly the rows of the one that was kept live',
    async () => {
      const stages = await openStages(await database.another(), database.dataDir);
      try {
        await send(stages, ANCHOR);
        await fc.assert(
          fc.asyncProperty(histories, async (history) => {
            for (const request of history) await send(stages, request);
            for (const projection of stages.projections) await expectReplayEqualsLive(stages, projection);
          }),
          { numRuns: RUNS },
        );
      } finally {
        await stages.stop();
      }
    },
    TIMEOUT_MS,
  );

  it(
    'is begun anew after a rebuild that was cut short, and what that one left behind is removed',
    async () => {
      const stages = await openStages(await database.another(), database.dataDir);
      try {
        await send(stages, ANCHOR);
        for (let at = 0; at < 30; at += 1) await send(stages, update('p1', `Name ${at}`));
        for (const projection of stages.projections) {
          const cut = new Error('cut short');
          const cutting = rebuild(stages, projection, () => {
            throw cut;
          });
          await expect(cutting).rejects.toBe(cut);
          expect(await activeGeneration(stages.pool, projection)).toBe(1);
          await expectReplayEqualsLive(stages, projection);
          expect(await schemas(stages, projection)).toEqual([1, 2].map((at) => schemaOf(projection.name, at)));
        }
      } finally {
        await stages.stop();
      }
    },
    TIMEOUT_MS,
  );

  it(
    'is swapped in under a server that goes on writing: no version is given twice, none is left out',
    async () => {
      const stages = await openStages(await database.another(), database.dataDir);
      try {
        const { records } = stages;
        let written = 0;
        let isDone = false;
        // Each waits for its answer; what one writes comes back to the same record ten writes later.
        const writers = Array.from({ length: 16 }, async (_, writer) => {
          for (let at = 0; !isDone; at += 1) {
            const id = `p${writer}-${at % 10}`;
            const version = 1 + Math.floor(at / 10);
            const { results } = await stages.send({ id }, JSON.stringify(patient(id, `Name ${version}`)));
            expect(results).toMatchObject([{ id, version }]);
            written += 1;
          }
        });
        const view = stages.views.view('records', stages.source.chain);
        for (let round = 0; round < SWAPS; round += 1) {
          await rebuild(stages, records, () => undefined);
          await eventually('the swap', () => view.schema === schemaOf('records', round + 2));
        }
        isDone = true;
        await Promise.all(writers);
        expect((await stages.ledger.head(1)).seq + 1).toBe(written);
        await expectReplayEqualsLive(stages, records);
      } finally {
        await stages.stop();
      }
    },
    TIMEOUT_MS,
  );

  it(
    'leaves a second process that reads the view with the new one',
    async () => {
      const connection = await database.another();
      const stages = await openStages(connection, database.dataDir);
      const reader = await openStages(connection, database.dataDir);
      try {
        await send(stages, ANCHOR);
        const { records } = stages;
        await rebuild(stages, records, () => undefined);
        const view = reader.views.view('records', 1);
        await eventually('the swap in the other process', () => view.schema === schemaOf('records', 2));
        const { value } = await reader.reader.read(
          { client: 'test' },
          { source: reader.source, type: 'Patient', id: 'anchor' },
        );
        expect(value.row.version).toBe(1);
      } finally {
        await reader.stop();
        await stages.stop();
      }
    },
    TIMEOUT_MS,
  );
});

/** Rebuilds the view while nobody writes, and compares all rows of the two generations. */
async function expectReplayEqualsLive(stages: TestStages, projection: Projection): Promise<void> {
  const { seq } = await stages.ledger.head(1);
  const view = stages.views.view(projection.name, 1);
  await view.reached(seq);
  const live = await rowsOf(stages, view.schema);
  expect(await rebuild(stages, projection, () => undefined)).toBe(seq + 1);
  const generation = await activeGeneration(stages.pool, projection);
  expect(await rowsOf(stages, schemaOf(projection.name, generation))).toEqual(live);
  await eventually('the swap', () => view.schema === schemaOf(projection.name, generation));
}

/** Every row of every table of a generation, as text. */
async function rowsOf({ pool }: TestStages, schema: string): Promise<Record<string, string[]>> {
  const tables = await pool.query<{ name: string }>(
    'select tablename as name from pg_tables where schemaname = $1 order by 1',
    [schema],
  );
  const rows: Record<string, string[]> = {};
  for (const { name } of tables.rows) {
    const all = await pool.query<{ row: string }>(`select t::text as row from ${schema}.${name} t order by 1`);
    rows[name] = all.rows.map(({ row }) => row);
  }
  expect(Object.values(rows).flat().length).toBeGreaterThan(0);
  return rows;
}

async function schemas({ pool }: TestStages, projection: Projection): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(
    `select nspname as name from pg_namespace where nspname like $1 || '\\_%' order by 1`,
    [projection.name],
  );
  return rows.map(({ name }) => name);
}

/** Sends what a source sends, which the server may refuse. */
async function send(stages: TestStages, request: Request): Promise<void> {
  try {
    if (request.kind === 'bundle') await stages.sendBundle(JSON.stringify(request.body));
    else await stages.send(request, request.body && JSON.stringify(request.body));
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
  }
}

function patient(id: string, family: string): object {
  return { resourceType: 'Patient', id, name: [{ family }] };
}

function update(id: string, family: string): Request {
  return { kind: 'resource', method: 'PUT', type: 'Patient', id, body: patient(id, family) };
}
