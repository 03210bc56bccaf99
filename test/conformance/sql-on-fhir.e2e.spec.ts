import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  FhirHttp,
  http,
  eventually,
  registerSource,
  startTestServer,
  type HttpAnswer,
  type TestServer,
} from '@chartledger/testing';

const VIEW_URL = 'http://views.example/ViewDefinition/patients';
const VIEW = {
  resourceType: 'ViewDefinition',
  id: 'patients',
  url: VIEW_URL,
  name: 'patients',
  status: 'active',
  resource: 'Patient',
  select: [
    {
      column: [
        { name: 'id', path: 'getResourceKey()', type: 'string' },
        { name: 'gender', path: 'gender', type: 'code' },
        { name: 'born', path: 'birthDate', type: 'date' },
      ],
    },
  ],
};

let server: TestServer;
let system: FhirHttp;
let clinic: FhirHttp;
beforeAll(async () => {
  server = await startTestServer();
  system = new FhirHttp(`${server.url}/fhir/chartledger`);
  clinic = await registerSource(server.url, { name: 'clinic' });
  await put('p1', 'female', '1970-01-01');
  await put('p2', 'male', '1980-01-01');
  await put('p3', 'female', '1990-01-01');
  expect((await system.put('ViewDefinition/patients', VIEW)).status).toBe(201);
});
afterAll(() => server.remove());

async function put(id: string, gender: string, birthDate: string): Promise<HttpAnswer> {
  return clinic.put(`Patient/${id}`, { resourceType: 'Patient', id, gender, birthDate });
}

type Parameter = Record<string, unknown>;

function run(parameter: Parameter[], headers: Record<string, string> = {}): Promise<HttpAnswer> {
  return system.post('$sql-run', { resourceType: 'Parameters', parameter }, headers);
}

const view: Parameter = { name: 'subjectCanonical', valueCanonical: VIEW_URL };
const format = (code: string): Parameter => ({ name: '_format', valueCode: code });

function library(kind: string, sql: string, more: object = {}): object {
  return {
    resourceType: 'Library',
    status: 'active',
    type: { coding: [{ system: 'http://hl7.org/fhir/uv/sql-on-fhir/CodeSystem/LibraryTypesCodes', code: kind }] },
    relatedArtifact: [{ type: 'depends-on', label: 'p', resource: VIEW_URL }],
    content: [{ contentType: 'application/sql', data: Buffer.from(sql).toString('base64') }],
    ...more,
  };
}

const inline = (resource: object): Parameter => ({ name: 'subjectResource', resource });

describe('$sql-run', () => {
  it('gives the rows of a view in every format, with the positions that they stand on', async () => {
    const ndjson = await run([view]);
    expect(ndjson.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8');
    expect(ndjson.headers.get('chartledger-position')).toMatch(/^0:\d+,1:2$/);
    expect(ndjson.text.split('\n')[0]).toBe('{"id":"clinic/Patient/p1","gender":"female","born":"1970-01-01"}');
    expect((await run([view, format('json')])).json()).toHaveLength(3);
    expect((await run([view, format('csv'), { name: 'header', valueBoolean: false }])).text.split('\r\n')[0]).toBe(
      'clinic/Patient/p1,female,1970-01-01',
    );
    expect((await run([view, format('fhir')])).json()).toMatchObject({ resourceType: 'Parameters' });
    expect((await run([view, format('parquet')])).text.slice(0, 4)).toBe('PAR1');
    const binary = await run([view, format('csv')], { Accept: 'application/fhir+json' });
    expect(binary.json()).toMatchObject({ resourceType: 'Binary', contentType: 'text/csv' });
  });

  it('is asked by GET where nothing that is sent is a resource', async () => {
    const query = `subjectReference=ViewDefinition/patients&_format=csv&patient=clinic/Patient/p2&_limit=5`;
    expect((await system.get(`$sql-run?${query}`)).text).toBe(
      'id,gender,born\r\nclinic/Patient/p2,male,1980-01-01\r\n',
    );
    expect((await system.get('$sql-run?subjectResource=x')).status).toBe(400);
  });

  it('sees a write as soon as it was acknowledged, and does not as of before', async () => {
    const before = (await run([view])).headers.get('chartledger-position')!;
    await put('p4', 'male', '2000-01-01');
    expect((await run([view, format('json')])).json()).toHaveLength(4);
    const asOf = await run([view, format('json'), { name: '_asOf', valueString: before }]);
    expect(asOf.json()).toHaveLength(3);
    expect(asOf.headers.get('chartledger-position')).toBe(before);
    expect((await run([view, { name: '_asOf', valueString: '1:1' }])).status).toBe(400);
    expect((await run([view, { name: '_asOf', valueString: '0:99,1:99' }])).status).toBe(400);
    await clinic.delete('Patient/p4');
    expect((await run([view, format('json')])).json()).toHaveLength(3);
  });

  it('sees the members of a group, and says whom it cannot find', async () => {
    const member = ['p1', 'p3'].map((id) => ({ entity: { reference: `Patient/${id}` } }));
    await clinic.put('Group/g', { resourceType: 'Group', id: 'g', type: 'person', actual: true, member });
    const group = { name: 'group', valueReference: { reference: 'clinic/Group/g' } };
    expect((await run([view, format('json'), group])).json()).toHaveLength(2);
    const both = await run([view, format('json'), group, { name: 'patient', valueString: 'clinic/Patient/p3' }]);
    expect(both.json()).toMatchObject([{ id: 'clinic/Patient/p3' }]);
    const unknown = await run([view, { name: 'patient', valueString: 'clinic/Patient/none' }]);
    expect(unknown.status).toBe(400);
    expect(unknown.json()).toMatchObject({ issue: [{ code: 'not-found', expression: ['patient'] }] });
  });

  it('runs a query with its parameters over the tables that it depends on', async () => {
    const sql = 'select gender, count(*) as n from p where born >= :from group by gender order by gender';
    const query = library('sql-query', sql, { parameter: [{ name: 'from', type: 'string', use: 'in' }] });
    const parameters = {
      name: 'parameters',
      resource: { resourceType: 'Parameters', parameter: [{ name: 'from', valueString: '1975' }] },
    };
    const answer = await run([inline(query), parameters, format('json')]);
    expect(answer.json()).toEqual([
      { gender: 'female', n: 1 },
      { gender: 'male', n: 1 },
    ]);
    expect(answer.headers.get('chartledger-position')).toMatch(/^0:\d+,1:\d+$/);
    expect((await system.put('Library/by-gender', { ...query, id: 'by-gender', name: 'by_gender' })).status).toBe(201);
    const reference = { name: 'subjectReference', valueReference: { reference: 'Library/by-gender' } };
    expect((await run([reference, parameters, format('json')])).json()).toHaveLength(2);
    expect((await run([reference, parameters, format('parquet')])).text.slice(0, 4)).toBe('PAR1');
    await put('p1', 'female', '1976-01-01');
    expect((await run([reference, parameters, format('json')])).json()).toMatchObject([{ n: 2 }, { n: 1 }]);
    const narrowed = { name: 'patient', valueString: 'clinic/Patient/p2' };
    expect((await run([reference, parameters, narrowed, format('json')])).json()).toEqual([{ gender: 'male', n: 1 }]);
  });

  it('a query depends on views of SQL, and on what is sent along', async () => {
    const women = library('sql-view', "select id, born from p where gender = 'female'", {
      url: 'http://views.example/women',
    });
    const query = library('sql-query', 'select count(*) as n from w', {
      relatedArtifact: [{ type: 'depends-on', label: 'w', resource: 'http://views.example/women' }],
    });
    const context = (resource: object): Parameter => ({ name: 'context', resource });
    expect((await run([inline(query), context(women), format('json')])).json()).toEqual([{ n: 2 }]);
    expect((await run([inline(query)])).status).toBe(404);
    const adHoc = {
      ...VIEW,
      url: 'http://views.example/men',
      where: [{ path: "gender = 'male'" }],
    };
    const men = library('sql-query', 'select count(*) as n, count(person_key) as k from m', {
      relatedArtifact: [{ type: 'depends-on', label: 'm', resource: adHoc.url }],
    });
    expect((await run([inline(men), context(adHoc), format('json')])).json()).toEqual([{ n: 1, k: 1 }]);
    const unused = await run([inline(men), context(adHoc), context(women)]);
    expect(unused.json()).toMatchObject({ issue: [{ expression: ['context'] }] });
  });

  it.each([
    ['a file', "select * from read_csv('/etc/passwd')"],
    ['the catalog', 'select * from duckdb_tables()'],
    ['another table', 'select * from kept.v1'],
    ['two statements', 'select 1; select 2'],
    ['SQL that is none', 'selekt'],
  ])('refuses %s to SQL of strangers, as a query and as a view', async (_, sql) => {
    expect([400, 422]).toContain((await run([inline(library('sql-query', sql))])).status);
    const nested = library('sql-query', 'select * from w', {
      relatedArtifact: [{ type: 'depends-on', label: 'w', resource: 'http://views.example/w' }],
    });
    const context = { name: 'context', resource: library('sql-view', sql, { url: 'http://views.example/w' }) };
    expect([400, 422]).toContain((await run([inline(nested), context])).status);
  });

  it('refuses what it would have to ignore', async () => {
    expect((await run([view, { name: 'source', valueString: 'elsewhere' }])).status).toBe(400);
    expect((await run([view, format('xml')])).status).toBe(400);
    expect((await system.post('$sql-run', '{', {})).status).toBe(400);
    expect((await run([inline({ ...VIEW, select: [{ column: [{ name: 'x', path: '(' }] }] })])).status).toBe(422);
  });
});

describe('$sql-export', () => {
  const subject = (name: string, ...part: Parameter[]): Parameter => ({
    name: 'subject',
    part: [{ name: 'name', valueString: name }, ...part],
  });
  const begin = (parameter: Parameter[]): Promise<HttpAnswer> =>
    system.post('$sql-export', { resourceType: 'Parameters', parameter }, { Prefer: 'respond-async' });

  it('makes the files of many subjects on one snapshot', async () => {
    const count = inline(library('sql-query', 'select count(*) as n from p'));
    const kickOff = await begin([subject('all', view), subject('count', count), format('csv')]);
    expect(kickOff.status).toBe(202);
    // What comes after is not in it.
    await put('p9', 'male', '2010-01-01');
    const status = kickOff.headers.get('content-location')!;
    const done = await eventually('the export', async () => {
      const answer = await http(status);
      return answer.status === 202 ? undefined : answer;
    });
    expect(done.status).toBe(303);
    const result = await http(done.headers.get('location')!);
    const { parameter } = result.json<{
      parameter: { name: string; part?: { valueString?: string; valueUri?: string }[] }[];
    }>();
    const files = new Map(
      parameter.filter(({ name }) => name === 'output').map(({ part }) => [part![0].valueString, part![1].valueUri!]),
    );
    expect((await http(files.get('all')!)).text.split('\r\n')).toHaveLength(5);
    const file = await http(files.get('count')!);
    expect(file.text).toBe('n\r\n3\r\n');
    expect(file.headers.get('chartledger-position')).toBe(result.headers.get('chartledger-position'));
    expect((await http(status, { method: 'DELETE' })).status).toBe(202);
    expect((await http(status)).status).toBe(404);
  });

  it('refuses at once what cannot be exported', async () => {
    expect((await system.get('$sql-export')).status).toBe(400);
    expect(
      (await system.post('$sql-export', { resourceType: 'Parameters', parameter: [subject('x', view)] })).status,
    ).toBe(400);
    expect((await begin([])).status).toBe(400);
    expect((await begin([subject('x', view), subject('x', view)])).status).toBe(400);
    const none = { name: 'subjectReference', valueReference: { reference: 'ViewDefinition/none' } };
    expect((await begin([subject('x', none)])).status).toBe(404);
    expect((await http(`${server.url}/fhir/chartledger/$sql-export/none/result`)).status).toBe(404);
  });
});
