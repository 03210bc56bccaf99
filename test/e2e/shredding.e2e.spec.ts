import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { runningEmbeddedPostgres } from '@chartledger/database';
import { startingMeasures } from '@chartledger/population';
import { recordPseudonym } from '@chartledger/security';
import { eventually, FhirHttp, http, registerSource, startTestServer, type TestServer } from '@chartledger/testing';

const URL_OF_VIEW = 'http://views.example/ViewDefinition/people';
const VIEW = {
  resourceType: 'ViewDefinition',
  id: 'people',
  name: 'people',
  url: URL_OF_VIEW,
  status: 'active',
  resource: 'Patient',
  select: [{ column: [{ name: 'family', path: 'name.family.first()', type: 'string' }] }],
};
const MARKS = {
  ...VIEW,
  id: 'marks',
  name: 'marks',
  resource: 'Observation',
  url: `${URL_OF_VIEW}-marks`,
  select: [{ column: [{ name: 'mark', path: 'value.ofType(string)', type: 'string' }] }],
};
const NAMES = ['Canaryone', 'Canarytwo', 'Canarythree'];
const MEASURE = 'blood-pressure-recorded';

let server: TestServer;
let system: FhirHttp;
let database: pg.Client;
beforeAll(async () => {
  server = await startTestServer();
  await connect();
  const clinic = await registerSource(server.url, { name: 'clinic' });
  for (const view of [VIEW, MARKS]) await system.put(`ViewDefinition/${view.id}`, view);
  for (const resource of startingMeasures())
    expect((await system.put(`${resource.resourceType}/${resource.id}`, resource as { id: string })).status).toBe(201);
  for (const [index, family] of NAMES.entries()) {
    const id = `p${index + 1}`;
    await clinic.put(`Patient/${id}`, { resourceType: 'Patient', id, name: [{ family }], birthDate: '1970-01-01' });
    await clinic.put(`Patient/${id}`, { resourceType: 'Patient', id, name: [{ family }], birthDate: '1970-02-02' });
    await clinic.put(`Observation/o${id}`, {
      resourceType: 'Observation',
      id: `o${id}`,
      status: 'final',
      code: { text: 'x' },
      subject: { reference: `Patient/${id}` },
      valueString: `mark of ${family}`,
    });
  }
});
afterAll(async () => {
  await database.end();
  await server.remove();
});

async function connect(): Promise<void> {
  system = new FhirHttp(`${server.url}/fhir/chartledger`);
  const connection = runningEmbeddedPostgres(server.dataDir)!;
  if ('url' in connection) throw new Error('the embedded PostgreSQL is reached by address');
  database = new pg.Client(connection);
  database.on('error', () => undefined);
  await database.connect();
}

/** As an operator does it, who has no command for it yet. */
async function shred(patient: string): Promise<void> {
  const key = Buffer.from(readFileSync(join(server.dataDir, 'keys', 'pseudonym'), 'utf8').trim(), 'base64');
  const owner = Buffer.from(recordPseudonym(key, 'clinic', 'Patient', patient), 'hex');
  const { rowCount } = await database.query('update security.data_key set wrapped = null where owner = $1', [owner]);
  expect(rowCount).toBe(1);
}

type Parameter = Record<string, unknown>;

async function run(...parameter: Parameter[]): Promise<string> {
  const answer = await system.post('$sql-run', { resourceType: 'Parameters', parameter });
  expect([answer.status, answer.status === 200 ? '' : answer.text]).toEqual([200, '']);
  return answer.text;
}

const of = (id: string): Parameter => ({ name: 'subjectReference', valueString: `ViewDefinition/${id}` });
const SQL = {
  name: 'subjectResource',
  resource: {
    resourceType: 'Library',
    status: 'active',
    type: { coding: [{ code: 'sql-query' }] },
    relatedArtifact: [{ type: 'depends-on', label: 'p', resource: URL_OF_VIEW }],
    content: [{ contentType: 'application/sql', data: Buffer.from('select * from p').toString('base64') }],
  },
};
const AD_HOC = { name: 'subjectResource', resource: { ...VIEW, id: undefined, url: undefined, name: 'other' } };

/** Everything that may be asked, and who is in it. */
async function told(before: string): Promise<string[]> {
  const asOf = { name: '_asOf', valueString: before };
  const questions = [[of('people')], [of('marks')], [SQL], [AD_HOC], [of('people'), asOf], [SQL, asOf]];
  const texts = await Promise.all(questions.map((question) => run(...question)));
  return NAMES.filter((name) => texts.some((text) => text.includes(name)));
}

async function evaluate(): Promise<number> {
  const query = `periodStart=2020-01-01&periodEnd=2025-12-31`;
  const answer = await system.get(`Measure/${MEASURE}/$evaluate-measure?${query}`);
  expect([answer.status, answer.status === 200 ? '' : answer.text]).toEqual([200, '']);
  return kept();
}

async function kept(): Promise<number> {
  const { rows } = await database.query<{ n: number }>('select count(*)::int as n from measure.result');
  return rows[0].n;
}

async function positions(): Promise<string> {
  const answer = await system.get('$sql-run?subjectReference=ViewDefinition/people');
  return answer.headers.get('chartledger-position')!;
}

async function exported(): Promise<string> {
  const asked = { resourceType: 'Parameters', parameter: [{ name: 'subject', part: [of('people')] }] };
  const begun = await system.post('$sql-export', asked, { Prefer: 'respond-async' });
  const location = begun.headers.get('content-location')!;
  await eventually('the end of the export', async () => (await http(location)).status === 303);
  return location;
}

async function status(location: string): Promise<number> {
  return (await http(location)).status;
}

async function rebuilt(): Promise<void> {
  expect((await http(`${server.url}/population/rebuild`, { method: 'POST' })).status).toBe(202);
  await eventually('the end of the rebuild', async () => {
    const { views } = (await http(`${server.url}/population/status`)).json<{ views: { state: string }[] }>();
    return views.every(({ state }) => state === 'live');
  });
}

describe('a data key that is destroyed', () => {
  it('ends rows, results and files that were made of its records, while the system runs', async () => {
    const before = await positions();
    expect(await told(before)).toEqual(NAMES);
    expect(await evaluate()).toBe(3);
    const location = await exported();
    await shred('p1');
    expect(await told(before)).toEqual(NAMES.slice(1));
    expect(await status(location)).toBe(404);
    await eventually('the end of the kept result', async () => (await kept()) === 2);
    expect(await evaluate()).toBe(2);
    expect((await http(`${server.url}/fhir/clinic/Patient/p1`)).status).toBe(410);
  });

  it('is destroyed for a rebuild too', async () => {
    await rebuilt();
    expect(await told(await positions())).toEqual(NAMES.slice(1));
  });

  it('ends them also where the system was killed at that moment, and leaves no byte of them in the file', async () => {
    const before = await positions();
    await server.stop();
    const file = join(server.dataDir, 'population', 'views.duckdb');
    await server.start();
    await connect();
    expect(readFileSync(file).includes('mark of Canarytwo')).toBe(true);
    await shred('p2');
    await server.kill();
    await server.start();
    await connect();
    expect(await told(before)).toEqual(NAMES.slice(2));
    await eventually('the end of the kept result', async () => (await kept()) === 1);
    await database.end();
    await server.restart();
    await connect();
    expect(await told(before)).toEqual(NAMES.slice(2));
    const bytes = readFileSync(file);
    expect([bytes.includes('Canarytwo'), bytes.includes('Canarythree')]).toEqual([false, true]);
  });

  it('is said of what was published after it', async () => {
    const { manifest } = (await http(`${server.url}/population/parquet`, { method: 'POST' })).json<{
      manifest: string;
    }>();
    expect(JSON.parse(readFileSync(manifest, 'utf8'))).toMatchObject({ shredded: 2 });
  });
});
