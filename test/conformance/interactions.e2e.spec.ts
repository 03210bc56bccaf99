import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'fhir-kit-client';
import { type FhirHttp, http, registerSource, startTestServer, type TestServer } from '@chartledger/testing';

interface Resource {
  resourceType: string;
  id: string;
  meta: { versionId: string; lastUpdated: string };
}

const POSITION = /^1:\d+$/;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

let server: TestServer;
let fhir: FhirHttp;
let client: Client;
beforeAll(async () => {
  server = await startTestServer();
  fhir = await registerSource(server.url, { name: 'clinic' });
  client = new Client({ baseUrl: fhir.base });
});
afterAll(() => server.remove());

const patient = (id: string | undefined, family: string, more: object = {}): object => ({
  resourceType: 'Patient',
  ...(id && { id }),
  name: [{ family }],
  ...more,
});

describe('metadata', () => {
  it('says which interactions and search parameters there are', async () => {
    const statement = (await client.capabilityStatement()) as unknown as {
      fhirVersion: string;
      rest: {
        interaction: { code: string }[];
        resource: { type: string; interaction: { code: string }[]; searchParam: { name: string }[] }[];
      }[];
    };
    expect(statement.fhirVersion).toBe('4.0.1');
    const [{ interaction, resource }] = statement.rest;
    expect(interaction.map(({ code }) => code).sort()).toEqual(['batch', 'transaction']);
    const observation = resource.find(({ type }) => type === 'Observation')!;
    expect(observation.interaction.map(({ code }) => code).sort()).toEqual(
      ['create', 'delete', 'history-instance', 'read', 'search-type', 'update', 'vread'].sort(),
    );
    expect(observation.searchParam.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['_id', 'identifier', 'patient', 'subject']),
    );
  });
});

describe('create', () => {
  it('answers 201 with Location, ETag, Last-Modified, position and request id, and the record as it is served', async () => {
    const answer = await fhir.post('Patient', patient('ignored', 'Chalmers'), { 'X-Request-Id': 'feed-7' });
    expect(answer.status).toBe(201);
    const created = answer.json() as unknown as Resource;
    expect(created.id).not.toBe('ignored');
    expect(created.meta).toMatchObject({ versionId: '1', lastUpdated: expect.stringMatching(INSTANT) });
    expect(answer.headers.get('location')).toBe(`${fhir.base}/Patient/${created.id}/_history/1`);
    expect(answer.headers.get('etag')).toBe('W/"1"');
    expect(answer.headers.get('last-modified')).toBe(new Date(created.meta.lastUpdated).toUTCString());
    expect(answer.headers.get('chartledger-position')).toMatch(POSITION);
    expect(answer.headers.get('x-request-id')).toBe('feed-7');
    const read = await fhir.get(`Patient/${created.id}`);
    expect(read.bytes.equals(answer.bytes)).toBe(true);
    expect(read.headers.get('etag')).toBe('W/"1"');
    expect(read.headers.get('chartledger-position')).toMatch(POSITION);
  });

  it('gives an id of its own to a request id that is no token', async () => {
    const answer = await fhir.get('Patient?_count=0', { 'X-Request-Id': 'a b' });
    expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('is conditional on an identifier: 201, then 200 with the same record, then 412 when there are two', async () => {
    const body = patient(undefined, 'Levin', { identifier: [{ system: 'urn:mrn', value: 'c|1' }] });
    const condition = { 'If-None-Exist': `identifier=${encodeURIComponent('urn:mrn|c\\|1')}` };
    const first = await fhir.post('Patient', body, condition);
    expect(first.status).toBe(201);
    const second = await fhir.post('Patient', body, condition);
    expect(second.status).toBe(200);
    expect(second.headers.get('location')).toBe(first.headers.get('location'));
    expect((await fhir.post('Patient', body)).status).toBe(201);
    expect((await fhir.post('Patient', body, condition)).status).toBe(412);
  });

  it('does not find what was deleted, or has that identifier no longer', async () => {
    const identifier = [{ system: 'urn:mrn', value: 'c2' }];
    const condition = { 'If-None-Exist': 'identifier=urn:mrn|c2' };
    await fhir.put('Patient/cond-1', patient('cond-1', 'Levin', { identifier }));
    await fhir.put('Patient/cond-1', patient('cond-1', 'Levin'));
    const second = await fhir.post('Patient', patient(undefined, 'Levin', { identifier }), condition);
    expect(second.status).toBe(201);
    await fhir.delete(`Patient/${second.json().id as string}`);
    expect((await fhir.post('Patient', patient(undefined, 'Levin', { identifier }), condition)).status).toBe(201);
  });
});

describe('update', () => {
  it('creates under the id of the client, then makes versions', async () => {
    const first = await client.update({ resourceType: 'Patient', id: 'u1', body: patient('u1', 'One') as never });
    expect(Client.httpFor(first).response!.status).toBe(201);
    const second = await fhir.put('Patient/u1', patient('u1', 'Two'));
    expect([second.status, second.headers.get('etag')]).toEqual([200, 'W/"2"']);
    expect(second.headers.get('location')).toBe(`${fhir.base}/Patient/u1/_history/2`);
  });

  it('with the same content answers 200, the ETag unchanged, and is still recorded', async () => {
    const first = await fhir.put('Patient/u2', patient('u2', 'One'));
    const again = await fhir.put(
      'Patient/u2',
      '  { "id":"u2",\n "resourceType": "Patient", "name": [ {"family" : "One"} ] }',
    );
    expect([again.status, again.headers.get('etag')]).toEqual([200, 'W/"1"']);
    expect(again.headers.get('last-modified')).toBe(first.headers.get('last-modified'));
    expect(again.headers.get('chartledger-position')).not.toBe(first.headers.get('chartledger-position'));
    expect((await fhir.get('Patient/u2')).bytes.equals(first.bytes)).toBe(true);
    expect((await fhir.get('Patient/u2/_history')).json()).toMatchObject({ total: 1 });
  });

  it('with the same content shows the version that stands, also when the request is repeated', async () => {
    const first = await fhir.put('Patient/u2b', patient('u2b', 'One'), { Prefer: 'return=representation' });
    const again = (): ReturnType<typeof fhir.put> =>
      fhir.put('Patient/u2b', '{ "id":"u2b", "resourceType": "Patient", "name": [ {"family" : "One"} ] }', {
        Prefer: 'return=representation',
        'Idempotency-Key': 'u2b-again',
      });
    const [confirmed, repeated] = [await again(), await again()];
    expect(repeated.headers.get('idempotent-replayed')).toBe('true');
    for (const answer of [confirmed, repeated]) {
      expect(answer.text).toBe(first.text);
      expect(answer.headers.get('last-modified')).toBe(first.headers.get('last-modified'));
    }
  });

  it('takes its own answer back as the same content', async () => {
    const first = await fhir.put('Patient/u3', patient('u3', 'One', { meta: { tag: [{ code: 'x' }] } }));
    const again = await fhir.put('Patient/u3', first.bytes);
    expect([again.status, again.headers.get('etag')]).toEqual([200, 'W/"1"']);
  });

  it('tells 1.50 from 1.5, and gives back what was sent to the digit', async () => {
    const text = (value: string): string =>
      `{"resourceType":"Observation","id":"n1","status":"final","code":{"text":"x"},"valueQuantity":{"value":${value}}}`;
    for (const [at, value] of ['1.50', '1.5', '1.500', '1.50e2', '0.1000000000000000055511', '-0.0'].entries()) {
      const put = await fhir.put('Observation/n1', text(value));
      expect([put.status, put.headers.get('etag')]).toEqual([at === 0 ? 201 : 200, `W/"${at + 1}"`]);
      const read = await fhir.get('Observation/n1');
      expect(read.text).toContain(`"valueQuantity":{"value":${value}}`);
    }
  });

  it('keeps spaces, order of members, escapes and text in any script', async () => {
    const text =
      '{ "resourceType" : "Patient",\n\t"id":"s1" , "name":[{"family":"\\u00d8degård 李 \\ud83d\\ude00 \\/"}],"active":true }';
    await fhir.put('Patient/s1', text);
    const read = await fhir.get('Patient/s1');
    expect(read.text).toContain('"name":[{"family":"\\u00d8degård 李 \\ud83d\\ude00 \\/"}],"active":true }');
    expect(read.text).toContain('"resourceType" : "Patient",\n\t"id":"s1"');
    expect(read.json()).toMatchObject({ meta: { versionId: '1' } });
  });

  it('replaces the version and the time that a client sent, and keeps the rest of meta', async () => {
    const meta = { versionId: '77', lastUpdated: '2001-01-01T00:00:00Z', profile: ['http://x.example/p'] };
    await fhir.put('Patient/m1', patient('m1', 'One', { meta }));
    const { meta: served } = (await fhir.get('Patient/m1')).json<Resource>();
    expect(served).toEqual({ ...meta, versionId: '1', lastUpdated: expect.stringMatching(INSTANT) });
    expect(served.lastUpdated).not.toBe(meta.lastUpdated);
  });

  it('is conditional on the version', async () => {
    await fhir.put('Patient/v1', patient('v1', 'One'));
    expect((await fhir.put('Patient/v1', patient('v1', 'Two'), { 'If-Match': 'W/"1"' })).status).toBe(200);
    expect((await fhir.put('Patient/v1', patient('v1', 'Three'), { 'If-Match': 'W/"1"' })).status).toBe(412);
    expect((await fhir.put('Patient/v1', patient('v1', 'Three'), { 'If-Match': '"2"' })).status).toBe(200);
    expect((await fhir.put('Patient/v1', patient('v1', 'Four'), { 'If-None-Match': '*' })).status).toBe(412);
    expect((await fhir.put('Patient/v2', patient('v2', 'One'), { 'If-None-Match': '*' })).status).toBe(201);
    expect((await fhir.get('Patient/v1')).headers.get('etag')).toBe('W/"3"');
  });
});

describe('Prefer', () => {
  it('return=minimal has no body', async () => {
    const answer = await fhir.post('Patient', patient(undefined, 'One'), { Prefer: 'return=minimal' });
    expect([answer.status, answer.bytes.length]).toEqual([201, 0]);
    expect(answer.headers.get('etag')).toBe('W/"1"');
  });

  it('return=representation has the record', async () => {
    const answer = await fhir.post('Patient', patient(undefined, 'One'), { Prefer: 'return=representation' });
    expect(answer.json()).toMatchObject({ resourceType: 'Patient', name: [{ family: 'One' }] });
  });

  it('return=OperationOutcome says how it went', async () => {
    const answer = await fhir.post('Patient', patient(undefined, 'One'), { Prefer: 'return=OperationOutcome' });
    expect(answer.json()).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ severity: 'information' }] });
  });

  it('return=representation has the record that a conditional create found', async () => {
    const body = patient(undefined, 'One', { identifier: [{ value: 'found' }] });
    const condition = { 'If-None-Exist': 'identifier=found', Prefer: 'return=representation' };
    const first = await fhir.post('Patient', body, condition);
    const second = await fhir.post('Patient', body, condition);
    expect([second.status, second.text]).toEqual([200, first.text]);
  });
});

describe('delete', () => {
  it('takes a version, answers 410 from then on, and an update brings the record back', async () => {
    await fhir.put('Patient/d1', patient('d1', 'One'));
    const deleted = await fhir.delete('Patient/d1');
    expect([deleted.status, deleted.bytes.length, deleted.headers.get('etag')]).toEqual([204, 0, 'W/"2"']);
    expect(deleted.headers.get('chartledger-position')).toMatch(POSITION);
    const gone = await fhir.get('Patient/d1');
    expect([gone.status, gone.json().resourceType]).toEqual([410, 'OperationOutcome']);
    expect((await fhir.get('Patient/d1/_history/2')).status).toBe(410);
    expect((await fhir.get('Patient/d1/_history/1')).status).toBe(200);
    expect((await fhir.get('Patient?_id=d1')).json()).toMatchObject({ total: 0 });
    const again = await fhir.put('Patient/d1', patient('d1', 'One'));
    expect([again.status, again.headers.get('etag')]).toEqual([201, 'W/"3"']);
    expect((await fhir.get('Patient/d1')).status).toBe(200);
    expect((await fhir.get('Patient/d1/_history/2')).status).toBe(410);
  });

  it('of what is deleted or never was adds nothing', async () => {
    await fhir.put('Patient/d2', patient('d2', 'One'));
    await fhir.delete('Patient/d2');
    const before = await head();
    expect((await fhir.delete('Patient/d2')).status).toBe(204);
    expect((await fhir.delete('Patient/never')).status).toBe(204);
    expect((await fhir.get('Patient/never')).status).toBe(404);
    expect(await head()).toBe(before);
  });

  it('is conditional on the version', async () => {
    await fhir.put('Patient/d3', patient('d3', 'One'));
    expect((await fhir.delete('Patient/d3', { 'If-Match': 'W/"2"' })).status).toBe(412);
    expect((await fhir.delete('Patient/d3', { 'If-Match': 'W/"1"' })).status).toBe(204);
    expect((await fhir.put('Patient/d3', patient('d3', 'Two'), { 'If-Match': 'W/"2"' })).status).toBe(412);
  });
});

describe('read', () => {
  it('answers 404 for what never was, here or in this source', async () => {
    expect((await fhir.get('Patient/nobody')).status).toBe(404);
    const other = await registerSource(server.url, { name: 'other-clinic' });
    await other.put('Patient/r0', patient('r0', 'One'));
    expect((await fhir.get('Patient/r0')).status).toBe(404);
    expect((await fhir.get('Patient?_id=r0')).json()).toMatchObject({ total: 0 });
  });

  it('is conditional on the version or the time', async () => {
    const put = await fhir.put('Patient/r1', patient('r1', 'One'));
    expect((await fhir.get('Patient/r1', { 'If-None-Match': 'W/"1"' })).status).toBe(304);
    expect((await fhir.get('Patient/r1', { 'If-None-Match': 'W/"2"' })).status).toBe(200);
    const modified = put.headers.get('last-modified')!;
    expect((await fhir.get('Patient/r1', { 'If-Modified-Since': modified })).status).toBe(304);
    expect((await fhir.get('Patient/r1', { 'If-Modified-Since': new Date(0).toUTCString() })).status).toBe(200);
  });

  it('has versions: each as it was, 404 for one that never was', async () => {
    await fhir.put('Patient/r2', patient('r2', 'One'));
    await fhir.put('Patient/r2', patient('r2', 'Two'));
    const first = await client.vread({ resourceType: 'Patient', id: 'r2', version: '1' });
    expect(first).toMatchObject({ meta: { versionId: '1' }, name: [{ family: 'One' }] });
    for (const version of ['0', '3', '01', 'x', '999999999999']) {
      expect((await fhir.get(`Patient/r2/_history/${version}`)).status).toBe(404);
    }
  });

  it('has $version: the version that an entry made, for those who know its position only', async () => {
    const at = async (answer: Promise<{ headers: Headers }>): Promise<string> =>
      (await answer).headers.get('chartledger-position')!;
    const created = await at(fhir.put('Patient/r3', patient('r3', 'One')));
    const updated = await at(fhir.put('Patient/r3', patient('r3', 'Two')));
    const confirmed = await at(fhir.put('Patient/r3', patient('r3', 'Two')));
    const deleted = await at(fhir.delete('Patient/r3'));
    const first = await fhir.get(`Patient/$version?position=${created}`);
    expect(first.text).toBe((await fhir.get('Patient/r3/_history/1')).text);
    expect(first.headers.get('etag')).toBe('W/"1"');
    const operation = { name: '$version', resourceType: 'Patient', method: 'GET' as const };
    const second = await client.operation({ ...operation, input: { position: updated } });
    expect(second).toMatchObject({ meta: { versionId: '2' }, name: [{ family: 'Two' }] });
    const [chain, seq] = deleted.split(':').map(Number);
    const status = async (path: string): Promise<number> => (await fhir.get(path)).status;
    expect(await status(`Patient/$version?position=${confirmed}`)).toBe(404);
    expect(await status(`Patient/$version?position=${deleted}`)).toBe(410);
    expect(await status(`Observation/$version?position=${created}`)).toBe(404);
    expect(await status(`Patient/$version?position=${chain}:${seq + 1}`)).toBe(404);
    expect(await status(`Patient/$version?position=${chain + 1}:${seq}`)).toBe(404);
    for (const query of ['', '?position=', '?position=1', `?position=${created}&position=${updated}`]) {
      expect(await status(`Patient/$version${query}`)).toBe(400);
    }
  });

  it('answers an unknown FHIR path as FHIR does', async () => {
    for (const path of ['Patient/r2/unknown', 'Patient/r2/_history/1/x', 'Patient/$everything', 'Nothing/x']) {
      const answer = await fhir.get(path);
      expect([answer.status, answer.json().resourceType]).toEqual([404, 'OperationOutcome']);
    }
  });
});

describe('history', () => {
  it('has every version, newest first, deletions without a resource', async () => {
    const created = await fhir.post('Patient', patient(undefined, 'One'));
    const id = created.json().id as string;
    await fhir.put(`Patient/${id}`, patient(id, 'Two'));
    await fhir.delete(`Patient/${id}`);
    const history = await client.history({ resourceType: 'Patient', id });
    expect(history).toMatchObject({
      resourceType: 'Bundle',
      type: 'history',
      total: 3,
      entry: [
        { request: { method: 'DELETE', url: `Patient/${id}` }, response: { status: '204', etag: 'W/"3"' } },
        { resource: { name: [{ family: 'Two' }] }, request: { method: 'PUT' }, response: { status: '200' } },
        {
          resource: { name: [{ family: 'One' }] },
          request: { method: 'POST', url: 'Patient' },
          response: { status: '201', etag: 'W/"1"' },
        },
      ],
    });
    expect((history as unknown as { entry: { resource?: object }[] }).entry[0].resource).toBeUndefined();
  });

  it('goes page by page to its end', async () => {
    for (let at = 1; at <= 7; at += 1) await fhir.put('Patient/h1', patient('h1', `Name ${at}`));
    let url: string | undefined = 'Patient/h1/_history?_count=3';
    const versions: string[] = [];
    while (url) {
      const page: History = (await fhir.get(url)).json<History>();
      expect(page.total).toBe(7);
      versions.push(...page.entry.map(({ resource }) => resource.meta.versionId));
      url = page.link.find(({ relation }) => relation === 'next')?.url;
      // What comes meanwhile is not of this history.
      await fhir.put('Patient/h1', patient('h1', `Later ${versions.length}`));
    }
    expect(versions).toEqual(['7', '6', '5', '4', '3', '2', '1']);
  });

  it('is 404 for what never was', async () => {
    expect((await fhir.get('Patient/nobody/_history')).status).toBe(404);
  });
});

describe('a request body', () => {
  it('may be gzip', async () => {
    const { gzipSync } = await import('node:zlib');
    const body = gzipSync(JSON.stringify(patient('z1', 'Zipped')));
    expect((await fhir.put('Patient/z1', body, { 'Content-Encoding': 'gzip' })).status).toBe(201);
    expect((await fhir.get('Patient/z1')).json()).toMatchObject({ name: [{ family: 'Zipped' }] });
  });

  it('may be application/json, and _format may say json', async () => {
    const answer = await fhir.put('Patient/z2?_format=json', patient('z2', 'x'), {
      'Content-Type': 'application/json; charset=utf-8',
    });
    expect(answer.status).toBe(201);
  });
});

interface History {
  total: number;
  entry: { resource: Resource }[];
  link: { relation: string; url: string }[];
}

async function head(): Promise<string> {
  const chains = (await http(`${server.url}/ledger/chains`)).json<{ chain: number; head: string }[]>();
  return chains.find(({ chain }) => chain === 1)!.head;
}
