import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DuckDBInstance } from '@duckdb/node-api';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type FhirError } from '@chartledger/platform';
import { openStages, startTestDatabase, type TestDatabase, type TestStages } from '@chartledger/testing';
import { LockedSql } from '../locked-sql/locked-sql.js';
import {
  heads,
  openPopulation,
  personOf,
  shreddingOf,
  system,
  viewOf,
  type TestPopulation,
} from '../live/population.fixture.js';
import { type SqlQuestion } from './population.js';
import { PopulationService } from './population-service.js';
import { type Manifest } from './publish-parquet.js';
import { type SqlRequest } from './sql-request.js';

const PATIENTS = {
  resource: 'Patient',
  select: [
    {
      column: [
        { name: 'id', path: 'id', type: 'id' },
        { name: 'family', path: 'name.family.first()', type: 'string' },
        { name: 'given', path: 'name.given', type: 'string', collection: true },
      ],
    },
  ],
};
/** Several families in a column of one: a record of which no rows can be made. */
const FAMILIES = {
  resource: 'Patient',
  select: [{ column: [{ name: 'family', path: 'name.family', type: 'string' }] }],
};

let database: TestDatabase;
let stages: TestStages;
let population: TestPopulation;
let service: PopulationService;
let folder: string;
beforeAll(async () => {
  database = await startTestDatabase();
  stages = await openStages(await database.another(), database.dataDir);
  population = await openPopulation(stages);
  folder = join(dirname(population.path), 'files');
  const { store, projector } = population;
  const { ledger, opener } = stages;
  service = new PopulationService({
    store,
    projector,
    locked: new LockedSql(),
    ledger,
    opener,
    folder,
    projectMaster: Buffer.alloc(32, 1),
    ...shreddingOf(stages),
  });
  await service.start();
  await system(stages, viewOf('patients', PATIENTS), viewOf('families', FAMILIES));
  await patient('p1', [{ family: 'Chalmers', given: ['Peter', 'James'] }]);
  await patient('p2', [{ family: 'Windsor' }]);
  await patient('p1', [{ family: 'Chalmers-Windsor', given: ['Peter'] }]);
  await patient('p3', [{ family: 'Levin' }, { family: 'Henry' }]);
  await system(stages, personOf('x', ['p1', 'p2']));
  // Alone in its transaction of the views: nobody is linked, and nobody was.
  await population.projector.reached(await heads(stages));
  await system(stages, personOf('nobody', []));
  await population.projector.reached(await heads(stages));
  await stages.send({ method: 'DELETE', id: 'p2' });
});
afterAll(async () => {
  await service.stop();
  await population.stop();
  await stages.stop();
  await database.stop();
});

async function patient(id: string, name: object[]): Promise<void> {
  await stages.send({ id }, JSON.stringify({ resourceType: 'Patient', id, name }));
}

async function question(request: Partial<SqlRequest>, more: Partial<SqlQuestion> = {}): Promise<SqlQuestion> {
  const whole = { subjects: [], patients: [], groups: [], context: [], resources: [], header: true, ...request };
  return { request: whole, format: 'ndjson', until: [...(await heads(stages))], ...more };
}

async function rows(asked: SqlQuestion): Promise<Record<string, unknown>[]> {
  const { file } = await service.run(asked);
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

const of = (reference: string): Partial<SqlRequest> => ({ subjects: [{ reference }] });
const ids = (found: Record<string, unknown>[]): unknown[] => found.map(({ id }) => id).sort();

describe('what is asked of live views', () => {
  it('includes what was acknowledged before, and names its positions', async () => {
    const { positions } = await service.run(await question(of('ViewDefinition/patients')));
    expect(new Map(positions)).toEqual(await heads(stages));
    expect(ids(await rows(await question(of('ViewDefinition/patients'))))).toEqual(['p1', 'p3']);
  });

  it('is answered as of any positions', async () => {
    const asOf = [
      [0, 1],
      [1, 1],
    ] as const;
    const found = await rows(await question(of('ViewDefinition/patients'), { asOf }));
    expect(found).toEqual([
      { id: 'p1', family: 'Chalmers', given: ['Peter', 'James'] },
      { id: 'p2', family: 'Windsor', given: [] },
    ]);
  });

  it('sees only the patients that are asked for, and what came since', async () => {
    const only = { patients: ['clinic/Patient/p3', 'clinic/Patient/p9'] };
    expect(ids(await rows(await question(of('ViewDefinition/patients'), only)))).toEqual(['p3']);
    expect(await rows(await question(of('ViewDefinition/patients'), { patients: [] }))).toEqual([]);
    const since = [[1, 2]] as const;
    expect(ids(await rows(await question(of('ViewDefinition/patients'), { since })))).toEqual(['p3']);
  });

  it('a view that is not kept gives what it would if it were', async () => {
    const view = { resourceType: 'ViewDefinition', status: 'active', ...PATIENTS, where: [{ path: "id != 'p9'" }] };
    for (const more of [
      {},
      {
        asOf: [
          [0, 1],
          [1, 1],
        ],
      },
      { patients: ['clinic/Patient/p1'] },
      { since: [[1, 2]] },
    ]) {
      const kept = await rows(await question(of('ViewDefinition/patients'), more as Partial<SqlQuestion>));
      const adHoc = await rows(await question({ subjects: [{ resource: view }] }, more as Partial<SqlQuestion>));
      expect(new Set(adHoc.map((row) => JSON.stringify(row)))).toEqual(new Set(kept.map((row) => JSON.stringify(row))));
    }
  });

  it('resources that are sent are all that counts', async () => {
    const resources = [{ resourceType: 'Patient', id: 'sent', name: [{ family: 'Cole' }] }, { resourceType: 'Device' }];
    expect(await rows(await question({ ...of('ViewDefinition/patients'), resources }))).toEqual([
      { id: 'sent', family: 'Cole', given: [] },
    ]);
  });

  it('a record of which no rows can be made is missing in that view only, and the status says where and why', async () => {
    expect((await rows(await question(of('ViewDefinition/families')))).map(({ family }) => family)).toEqual([
      'Chalmers-Windsor',
    ]);
    const { views } = await service.status();
    const families = views.find(({ id }) => id === 'families')!;
    expect(families.failures).toMatchObject({ count: 1, last: [{ position: '1:3' }] });
    expect(families.failures!.last[0].problem).toMatch(
      /^ViewDefinition\.select\[0\]\.column\[0\]\.path: gives 2 values/,
    );
    expect(JSON.stringify(families)).not.toContain('Levin');
    await patient('p3', [{ family: 'Levin' }]);
    expect(await rows(await question(of('ViewDefinition/families')))).toHaveLength(2);
    expect((await service.status()).views.find(({ id }) => id === 'families')!.failures).toBeUndefined();
  });

  it('a broken view says what is wrong, and the others go on', async () => {
    await system(
      stages,
      viewOf('broken', { resource: 'Patient', select: [{ column: [{ name: 'x', path: 'name.(' }] }] }),
    );
    await expect(service.run(await question(of('ViewDefinition/broken')))).rejects.toMatchObject({ status: 422 });
    expect(ids(await rows(await question(of('ViewDefinition/patients'))))).toEqual(['p1', 'p3']);
    const { views } = await service.status();
    expect(views.find(({ id }) => id === 'broken')).toMatchObject({ state: 'broken' });
    expect(views.find(({ id }) => id === 'broken')!.problem).toContain('ViewDefinition.select[0].column[0].path');
  });

  it('a view that is changed is swapped in when it is filled', async () => {
    const change = (name: string): object => ({
      resource: 'Patient',
      select: [{ column: [{ name, path: 'id', type: 'id' }] }],
    });
    await system(stages, viewOf('changing', change('first')));
    expect(Object.keys((await rows(await question(of('ViewDefinition/changing'))))[0])).toEqual(['first']);
    await system(stages, viewOf('changing', change('second')));
    await population.projector.reached(await heads(stages));
    await population.projector.filled();
    expect(Object.keys((await rows(await question(of('ViewDefinition/changing'))))[0])).toEqual(['second']);
  });

  it.each<[Partial<SqlRequest>, number]>([
    [of('ViewDefinition/none'), 404],
    [of('Patient/p1'), 404],
    [{ subjects: [{ canonical: 'http://nowhere.example' }] }, 404],
    [{ subjects: [{ resource: { resourceType: 'Patient' } }] }, 422],
    [{ subjects: [{ reference: 'ViewDefinition/patients', parameters: [] }] }, 400],
    [{ ...of('ViewDefinition/patients'), context: [{ url: 'http://x' }] }, 400],
  ])('refuses %j with %d', async (request, status) => {
    await expect(service.run(await question(request))).rejects.toMatchObject({ status } satisfies Partial<FhirError>);
  });

  it('our own statements join views by person, each as of its own positions', async () => {
    const { rows: found } = await service.query({
      relations: [
        { name: 'now', view: 'patients' },
        {
          name: 'before',
          view: 'patients',
          asOf: [
            [0, 2],
            [1, 3],
          ],
        },
      ],
      sql: `select 'now' as at, person_key, count(*)::integer as n from now group by all
        union all select 'before', person_key, count(*)::integer from before where id <> $1 group by all order by all`,
      parameters: ['p3'],
      until: [...(await heads(stages))],
    });
    expect(found).toEqual([
      { at: 'before', person_key: 'Person/x', n: 2 },
      { at: 'now', person_key: 'Person/x', n: 1 },
      { at: 'now', person_key: 'clinic/Patient/p3', n: 1 },
    ]);
  });
});

describe('published Parquet', () => {
  it('is read by plain DuckDB from its manifest, now and as of before', async () => {
    const manifestFile = await service.publish([...(await heads(stages))]);
    const manifest = JSON.parse(await readFile(manifestFile, 'utf8')) as Manifest;
    const base = dirname(manifestFile);
    expect(JSON.parse(await readFile(join(base, 'latest.json'), 'utf8'))).toEqual(manifest);
    const view = manifest.views.find(({ name }) => name === 'patients')!;
    expect(view.files.map(({ part, source }) => [part, source])).toEqual([
      ['cur', 'clinic'],
      ['hist', 'clinic'],
    ]);
    for (const { path, sha256 } of view.files) {
      expect(
        createHash('sha256')
          .update(await readFile(join(base, path)))
          .digest('hex'),
      ).toBe(sha256);
    }
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    const list = (part: string): string =>
      view.files
        .filter((file) => part === '' || file.part === part)
        .map(({ path }) => `'${join(base, path)}'`)
        .join(', ');
    const read = async (sql: string): Promise<unknown> => (await connection.runAndReadAll(sql)).getRowsJson();
    expect(
      await read(
        `select id, family, ledger_source, person_key from read_parquet([${list('cur')}], hive_partitioning = true) order by id`,
      ),
    ).toEqual([
      ['p1', 'Chalmers-Windsor', 'clinic', 'Person/x'],
      ['p3', 'Levin', 'clinic', 'clinic/Patient/p3'],
    ]);
    expect(
      await read(`select id, family from read_parquet([${list('')}], hive_partitioning = true)
        where _chain = 1 and _seq <= 1 and (_to is null or _to > 1) order by id`),
    ).toEqual([
      ['p1', 'Chalmers'],
      ['p2', 'Windsor'],
    ]);
    connection.closeSync();
    instance.closeSync();
  });
});
