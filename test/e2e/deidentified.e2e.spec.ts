import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { STARTING_VIEWS } from '@chartledger/population';
import {
  eventually,
  FhirHttp,
  http,
  registerSource,
  startTestServer,
  temporaryFolder,
  type HttpAnswer,
  type TestServer,
} from '@chartledger/testing';
import { CONDITIONS, EVERYTHING, identifying, recordsOf, someone, type Someone } from './deidentified.fixture.js';

const VIEWS = [EVERYTHING, CONDITIONS, ...STARTING_VIEWS] as { id: string; resource: string }[];
/** Of which there is at least one record. */
const ASKED = VIEWS.filter(({ resource }) => ['Patient', 'Observation', 'Condition'].includes(resource));
const FORMATS = ['json', 'ndjson', 'csv', 'parquet', 'fhir'];
const RUNS = 3;
/** Some 80 questions a run, a process of DuckDB each for those of SQL: the machine may be busy. */
const PROPERTY_MS = 300_000;

let server: TestServer;
let system: FhirHttp;
let clinic: FhirHttp;
const known: Someone[] = [];
beforeAll(async () => {
  server = await startTestServer();
  system = new FhirHttp(`${server.url}/fhir/chartledger`);
  clinic = await registerSource(server.url, { name: 'hospital-of-the-test' });
  for (const view of VIEWS) expect((await system.put(`ViewDefinition/${view.id}`, view)).status).toBe(201);
  expect((await record({ name: 'moved', dates: 'shift' })).status).toBe(201);
});
afterAll(() => server.remove());

type Parameter = Record<string, unknown>;

function record(project: object): Promise<HttpAnswer> {
  return http(`${server.url}/population/projects`, { method: 'POST', body: JSON.stringify(project) });
}

function run(...parameter: Parameter[]): Promise<HttpAnswer> {
  return system.post('$sql-run', { resourceType: 'Parameters', parameter });
}

const of = (id: string): Parameter => ({ name: 'subjectReference', valueString: `ViewDefinition/${id}` });
const as = (project: string): Parameter => ({ name: 'project', valueString: project });
const format = (code: string): Parameter => ({ name: '_format', valueCode: code });
const sent = (resource: object): Parameter => ({ name: 'subjectResource', resource });

function library(sql: string, kind = 'sql-query', more: object = {}): object {
  const depends = [
    ['e', EVERYTHING.url],
    ['c', CONDITIONS.url],
  ].map(([label, resource]) => ({ type: 'depends-on', label, resource }));
  return {
    resourceType: 'Library',
    status: 'active',
    type: { coding: [{ code: kind }] },
    relatedArtifact: depends,
    content: [{ contentType: 'application/sql', data: Buffer.from(sql).toString('base64') }],
    ...more,
  };
}

/** What stands in an answer: of Parquet its values, since its bytes may be compressed. */
async function textOf(answer: HttpAnswer, code: string): Promise<string> {
  expect([answer.status, answer.status === 200 ? '' : answer.text]).toEqual([200, '']);
  if (code !== 'parquet') return answer.text;
  const file = join(await temporaryFolder(), 'answer.parquet');
  await writeFile(file, answer.bytes);
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const rows = (await connection.runAndReadAll(`select * from '${file}'`)).getRowObjectsJson();
  connection.closeSync();
  instance.closeSync();
  return JSON.stringify(rows);
}

function mustNotTell(text: string, where: string): void {
  const told = known.flatMap(identifying).filter((value) => text.includes(value));
  expect([where, told]).toEqual([where, []]);
  expect([where, text.includes('hospital-of-the-test')]).toEqual([where, false]);
}

async function rows(...parameter: Parameter[]): Promise<Record<string, unknown>[]> {
  const answer = await run(format('json'), ...parameter);
  expect([answer.status, answer.status === 200 ? '' : answer.text]).toEqual([200, '']);
  return answer.json<Record<string, unknown>[]>();
}

/** Sent along, with what may be shown only. */
const SENT = {
  ...EVERYTHING,
  id: undefined,
  url: undefined,
  select: [
    {
      column: [
        { name: 'key', path: 'getResourceKey()', type: 'string' },
        { name: 'born', path: 'birthDate', type: 'date' },
        { name: 'zip', path: 'address.postalCode.first()', type: 'string' },
      ],
    },
  ],
};

const SENT_ALONG = { ...SENT, url: 'http://views.example/sent' };
const OVER_SENT = sent(
  library('select * from s', 'sql-query', {
    relatedArtifact: [{ type: 'depends-on', label: 's', resource: SENT_ALONG.url }],
  }),
);

describe('what a project is told', () => {
  it(
    'names nobody, whoever they are, whatever is asked, in every format',
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(someone, { minLength: 1, maxLength: 4 }), async (people) => {
          for (const one of people) {
            known.push(one);
            for (const resource of recordsOf(one))
              expect(
                (await clinic.put(`${String(resource.resourceType)}/${String(resource.id)}`, resource)).status,
              ).toBe(201);
          }
          for (const project of ['counts', 'moved']) {
            for (const code of project === 'counts' ? FORMATS : ['ndjson', 'parquet']) {
              for (const { id } of ASKED)
                mustNotTell(await textOf(await run(of(id), as(project), format(code)), code), `${id} as ${code}`);
              mustNotTell(await textOf(await run(sent(SENT), as(project), format(code)), code), `sent as ${code}`);
              const all = sent(library('select * from e join c on e.key = c.subject'));
              mustNotTell(await textOf(await run(all, as(project), format(code)), code), `SQL as ${code}`);
              const over = await run(OVER_SENT, { name: 'context', resource: SENT_ALONG }, as(project), format(code));
              mustNotTell(await textOf(over, code), `SQL over what was sent as ${code}`);
            }
          }
          for (const file of filesOf(join(server.dataDir, 'population', 'projects')))
            mustNotTell(readFileSync(file, 'latin1'), 'the file of a project');
        }),
        { numRuns: RUNS },
      );
    },
    PROPERTY_MS,
  );

  it('has years, the first digits of large areas, and no age over 89', async () => {
    const people = await rows(of('everything'), as('counts'));
    expect(people).toHaveLength(known.length);
    expect(Object.keys(people[0])).toEqual(['key', 'id', 'gender', 'born', 'zip', 'state', 'changed']);
    const years = known.map(({ birthDate }) => Math.max(Number(birthDate.slice(0, 4)), thisYear() - 90));
    expect(people.map(({ born }) => Number(born)).sort()).toEqual(years.sort());
    for (const { zip } of people) expect(zip).toMatch(/^\d{3}$/);
    expect(people.some(({ zip }) => ['036', '102', '893'].includes(String(zip)))).toBe(false);
    const ages = (await rows(of('conditions'), as('counts'))).map(({ age }) => Number(age));
    expect(Math.max(...ages)).toBeLessThanOrEqual(90);
    expect(ages.sort()).toEqual(known.map(({ onsetAge }) => Math.min(onsetAge, 90)).sort());
  });

  it('moves all days of a person alike where the project was recorded so', async () => {
    const moved = await rows(of('everything'), as('moved'));
    const sql = 'select e.born as born, c.recorded as recorded from e join c on e.key = c.subject';
    const pairs = await rows(sent(library(sql)), as('moved'));
    const oldest = `${thisYear() - 90}`;
    const between = (born: string, recorded: string): number => Date.parse(recorded) - Date.parse(born);
    const told = pairs
      .filter(({ born, recorded }) => born !== oldest && recorded !== oldest)
      .map(({ born, recorded }) => between(String(born), String(recorded)));
    const real = known.map(({ birthDate, seen }) => between(birthDate, seen.slice(0, 10)));
    expect(moved).toHaveLength(known.length);
    for (const days of told) expect(real).toContain(days);
    // When an entry came is known elsewhere: it would tell by how much.
    for (const { changed } of moved) expect(changed).toBe(thisYear());
  });

  it('has one key for a person in all views of a project, and another in another', async () => {
    const keysOf = async (project: string): Promise<[unknown[], unknown[]]> => [
      (await rows(of('everything'), as(project))).map(({ key }) => key).sort(),
      (await rows(of('conditions'), as(project))).map(({ subject }) => subject).sort(),
    ];
    const [patients, subjects] = await keysOf('counts');
    expect(patients).toEqual(subjects);
    const sql = `select e.key = e.patient_key and e.patient_key = c.patient_key and e.person_key = c.person_key as same
      from e join c on e.key = c.subject`;
    expect(new Set((await rows(sent(library(sql)), as('counts'))).map(({ same }) => same))).toEqual(new Set([true]));
    const [others] = await keysOf('other');
    expect(others.some((key) => patients.includes(key))).toBe(false);
    await server.restart();
    system = new FhirHttp(`${server.url}/fhir/chartledger`);
    expect((await keysOf('counts'))[0]).toEqual(patients);
    expect((await record({ name: 'moved' })).json()).toEqual({ name: 'moved', dates: 'shift' });
  });

  it('is the same in an export, whose manifest says so', async () => {
    const subject = [
      { name: 'subject', part: [of('everything')] },
      { name: 'subject', part: [{ name: 'name', valueString: 'q' }, sent(library('select * from c'))] },
    ];
    const asked = { resourceType: 'Parameters', parameter: [...subject, as('counts')] };
    const begun = await system.post('$sql-export', asked, { Prefer: 'respond-async' });
    expect(begun.status).toBe(202);
    const location = begun.headers.get('content-location')!;
    await eventually('the end of the export', async () => (await http(location)).status !== 202);
    const manifest = (await http(`${location}/result`)).json<{ meta: unknown; parameter: Output[] }>();
    expect(manifest.meta).toEqual({ security: [expect.objectContaining({ code: 'PSEUDED' })] });
    const outputs = manifest.parameter.filter(({ name }) => name === 'output');
    expect(outputs).toHaveLength(2);
    for (const { part } of outputs) {
      const value = (name: string): string => Object.values(part.find((one) => one.name === name)!)[1];
      expect(value('deidentified')).toMatch(/^policy=safe-harbor, project="counts", dates=year/);
      const file = await http(value('location'));
      expect(file.text.split('\n').filter(Boolean)).toHaveLength(known.length);
      mustNotTell(file.text, 'export');
    }
  });
});

interface Output {
  name: string;
  part: { name: string; valueString: string }[];
}

describe('an answer to a project', () => {
  it('says by which policy it is de-identified, and which columns it has not', async () => {
    const { headers } = await run(of('everything'), as('counts'));
    expect(headers.get('chartledger-deidentified')).toMatch(
      /^policy=safe-harbor, project="counts", dates=year, at="\d{4}-\d\d-\d\d", omitted=5, columns=\("family" "mrn" "phone" "line" "city"\)$/,
    );
    const shifted = (await run(of('everything'), as('moved'))).headers.get('chartledger-deidentified');
    expect(shifted).toMatch(/^policy=safe-harbor-but-shifted-dates, project="moved", dates=shift/);
    expect((await run(of('everything'), as('counts'), format('fhir'))).json()).toMatchObject({
      meta: { security: [{ code: 'PSEUDED' }] },
    });
    const identified = await run(of('everything'));
    expect(identified.headers.get('chartledger-deidentified')).toBeNull();
    expect(identified.text).toContain(known[0].family);
  });

  it('refuses a column that fell out by its name and reason', async () => {
    for (const [sql, said] of [
      ['select family from e', 'the column family is not shown to projects: it may hold names (A)'],
      ['select x.mrn from e x', 'the column mrn is not shown to projects'],
      ['select _seq from e', 'the column _seq is not shown to projects: where a record stands'],
      ['select count(*) as n from e where city is null', 'the column city is not shown to projects'],
    ]) {
      const answer = await run(sent(library(sql)), as('counts'));
      expect(answer.status).toBe(403);
      expect(answer.json()).toMatchObject({
        issue: [{ code: 'suppressed', diagnostics: expect.stringContaining(said) }],
      });
    }
    const view = library('select family from e', 'sql-view', { id: 'v', url: 'http://views.example/v', name: 'v' });
    expect((await system.put('Library/v', view as { id: string })).status).toBe(201);
    const over = library('select * from v', 'sql-query', {
      relatedArtifact: [{ type: 'depends-on', label: 'v', resource: 'http://views.example/v' }],
    });
    expect((await run(sent(over))).status).toBe(200);
    expect((await run(sent(over), as('counts'))).status).toBe(403);
  });

  it('refuses what names somebody', async () => {
    for (const [name, value] of [
      ['patient', 'hospital-of-the-test/Patient/p'],
      ['group', 'hospital-of-the-test/Group/g'],
      ['_since', '2020-01-01T00:00:00Z'],
    ]) {
      const answer = await run(of('everything'), as('counts'), { name, valueString: value });
      expect([answer.status, answer.json()]).toMatchObject([400, { issue: [{ expression: [name] }] }]);
    }
    const resource = { name: 'resource', resource: { resourceType: 'Patient', id: known[0].id } };
    expect((await run(of('everything'), as('counts'), resource)).status).toBe(400);
    expect((await run(of('everything'), as('A b'))).status).toBe(400);
  });

  it('keeps its dates as they were chosen', async () => {
    expect((await record({ name: 'moved', dates: 'year' })).status).toBe(409);
    expect((await record({ name: 'counts', dates: 'shift' })).status).toBe(409);
    expect((await record({ name: 'moved', dates: 'shift' })).status).toBe(200);
    expect((await system.get('ResearchStudy/moved')).json()).toMatchObject({ resourceType: 'ResearchStudy' });
    expect((await record({ name: 'new', dates: 'hour' })).status).toBe(400);
  });
});

function thisYear(): number {
  return new Date().getUTCFullYear();
}

function filesOf(folder: string): string[] {
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}
