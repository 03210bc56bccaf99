import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'fhir-kit-client';
import {
  FhirHttp,
  http,
  type HttpAnswer,
  registerSource,
  startTestServer,
  type TestServer,
} from '@chartledger/testing';

interface BundleAnswer {
  resourceType: string;
  type: string;
  entry: {
    resource?: { resourceType: string; id: string; [element: string]: unknown };
    response: { status: string; location?: string; etag?: string; lastModified?: string; outcome?: { issue: Issue[] } };
  }[];
}

interface Issue {
  code: string;
  expression?: string[];
}

const UUID_A = 'urn:uuid:0d2f4d7c-5b5a-4a6e-9d3e-0d2f4d7c5b5a';
const UUID_B = 'urn:uuid:1d2f4d7c-5b5a-4a6e-9d3e-0d2f4d7c5b5b';

let server: TestServer;
let fhir: FhirHttp;
let client: Client;
beforeAll(async () => {
  server = await startTestServer();
  fhir = await registerSource(server.url, { name: 'clinic' });
  client = new Client({ baseUrl: fhir.base });
});
afterAll(() => server.remove());

const patient = (more: object = {}): object => ({ resourceType: 'Patient', active: true, ...more });
const observation = (subject: string, more: object = {}): object => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'weight' },
  subject: { reference: subject },
  ...more,
});
const entry = (
  method: string,
  url: string,
  resource?: object,
  more: { fullUrl?: string; [name: string]: unknown } = {},
): object => {
  const { fullUrl, ...request } = more;
  return { fullUrl, resource, request: { method, url, ...request } };
};
const bundle = (type: string, ...entries: object[]): object => ({ resourceType: 'Bundle', type, entry: entries });

async function transact(...entries: object[]): Promise<BundleAnswer> {
  const answer = await fhir.post('', bundle('transaction', ...entries));
  expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
  const result = answer.json<BundleAnswer>();
  expect(result.type).toBe('transaction-response');
  expect(result.entry.length).toBe(entries.length);
  return result;
}

/** `Type/id` of what an entry wrote. */
const recordOf = ({ entry: entries }: BundleAnswer, at: number): string =>
  entries[at].response.location!.slice(fhir.base.length + 1).split('/_history/')[0];

describe('a transaction', () => {
  it('answers each entry with status, location, ETag and time, and the whole with the position of its last entry', async () => {
    const before = await size();
    const answer = await fhir.post(
      '',
      bundle('transaction', entry('POST', 'Patient', patient()), entry('PUT', 'Patient/t1', patient({ id: 't1' }))),
    );
    const { entry: entries } = answer.json<BundleAnswer>();
    expect(entries.map(({ response }) => response)).toEqual([
      {
        status: '201 Created',
        location: expect.stringMatching(new RegExp(`^${fhir.base}/Patient/[A-Za-z0-9-]+/_history/1$`)),
        etag: 'W/"1"',
        lastModified: expect.any(String),
      },
      {
        status: '201 Created',
        location: `${fhir.base}/Patient/t1/_history/1`,
        etag: 'W/"1"',
        lastModified: expect.any(String),
      },
    ]);
    expect(await size()).toBe(before + 2);
    expect(answer.headers.get('chartledger-position')).toBe(`1:${before + 1}`);
  });

  it('resolves urn:uuid references, backward, forward, in contained resources and in extensions', async () => {
    const result = await transact(
      entry('POST', 'Observation', observation(UUID_A, { performer: [{ reference: UUID_B }] })),
      entry('POST', 'Patient', patient(), { fullUrl: UUID_A }),
      entry('POST', 'Practitioner', { resourceType: 'Practitioner', active: true }, { fullUrl: UUID_B }),
      entry(
        'POST',
        'Observation',
        observation(UUID_A, {
          contained: [{ resourceType: 'Device', id: 'd', patient: { reference: UUID_A } }],
          device: { reference: '#d' },
          extension: [{ url: 'http://x.example/who', valueReference: { reference: UUID_B } }],
        }),
      ),
    );
    const [who, by] = [recordOf(result, 1), recordOf(result, 2)];
    expect(await read(recordOf(result, 0))).toMatchObject({
      subject: { reference: who },
      performer: [{ reference: by }],
    });
    expect(await read(recordOf(result, 3))).toMatchObject({
      subject: { reference: who },
      contained: [{ patient: { reference: who } }],
      device: { reference: '#d' },
      extension: [{ valueReference: { reference: by } }],
    });
    const found = await fhir.get(`Observation?subject=${who}`);
    expect(found.json()).toMatchObject({ total: 2 });
  });

  it('resolves references to a PUT entry whose fullUrl is a urn:uuid, and to absolute fullUrls', async () => {
    const absolute = 'https://clinic.example/fhir/Patient/abs';
    const result = await transact(
      entry('POST', 'Observation', observation(UUID_A)),
      entry('PUT', 'Patient/t2', patient({ id: 't2' }), { fullUrl: UUID_A }),
      entry('POST', 'Observation', observation(absolute)),
      entry('POST', 'Patient', patient(), { fullUrl: absolute }),
    );
    expect(await read(recordOf(result, 0))).toMatchObject({ subject: { reference: 'Patient/t2' } });
    expect(await read(recordOf(result, 2))).toMatchObject({ subject: { reference: recordOf(result, 3) } });
  });

  it('resolves links in uri elements and leaves other text alone', async () => {
    const result = await transact(
      entry('POST', 'Patient', patient(), { fullUrl: UUID_A }),
      entry('POST', 'DocumentReference', {
        resourceType: 'DocumentReference',
        status: 'current',
        description: UUID_A,
        content: [{ attachment: { url: UUID_A } }, { attachment: { url: UUID_B } }],
      }),
    );
    expect(await read(recordOf(result, 1))).toMatchObject({
      description: UUID_A,
      content: [{ attachment: { url: recordOf(result, 0) } }, { attachment: { url: UUID_B } }],
    });
  });

  it('resolves conditional references to one record, and refuses them for none and for several', async () => {
    const identifier = (value: string): object => ({ identifier: [{ system: 'urn:npi', value }] });
    await fhir.put('Practitioner/dr-1', { resourceType: 'Practitioner', id: 'dr-1', ...identifier('1') });
    const performer = (query: string): object => ({ performer: [{ reference: `Practitioner?identifier=${query}` }] });
    const [subject] = ['Patient/t2'];
    const result = await transact(
      entry('POST', 'Observation', observation(subject, performer('urn:npi|1'))),
      entry('POST', 'Observation', observation(subject, performer(encodeURIComponent('urn:npi|1')))),
    );
    for (const at of [0, 1]) {
      expect(await read(recordOf(result, at))).toMatchObject({ performer: [{ reference: 'Practitioner/dr-1' }] });
    }
    await refused(
      400,
      'Bundle.entry[0].resource.performer',
      bundle('transaction', entry('POST', 'Observation', observation(subject, performer('urn:npi|2')))),
    );
    await fhir.put('Practitioner/dr-2', { resourceType: 'Practitioner', id: 'dr-2', ...identifier('1') });
    await refused(
      412,
      'Bundle.entry[0].resource.performer',
      bundle('transaction', entry('POST', 'Observation', observation(subject, performer('urn:npi|1')))),
    );
  });

  it('creates on condition: references to the entry mean the record that was found', async () => {
    await fhir.put('Patient/t3', patient({ id: 't3', identifier: [{ system: 'urn:mrn', value: 't3' }] }));
    const result = await transact(
      entry('POST', 'Patient', patient({ identifier: [{ system: 'urn:mrn', value: 't3' }] }), {
        fullUrl: UUID_A,
        ifNoneExist: 'identifier=urn:mrn|t3',
      }),
      entry('POST', 'Observation', observation(UUID_A)),
    );
    expect(result.entry[0].response).toMatchObject({ status: '200 OK', etag: 'W/"1"' });
    expect(recordOf(result, 0)).toBe('Patient/t3');
    expect(await read(recordOf(result, 1))).toMatchObject({ subject: { reference: 'Patient/t3' } });
  });

  it('is all or nothing: what holds for no entry is written for none', async () => {
    await fhir.put('Patient/t4', patient({ id: 't4' }));
    await refused(
      412,
      'Bundle.entry[2]',
      bundle(
        'transaction',
        entry('POST', 'Patient', patient()),
        entry('DELETE', 'Patient/t4'),
        entry('PUT', 'Patient/t2', patient({ id: 't2', gender: 'other' }), { ifMatch: 'W/"9"' }),
      ),
    );
    expect((await fhir.get('Patient/t4')).status).toBe(200);
    expect((await fhir.get('Patient/t2')).json()).not.toHaveProperty('gender');
  });

  it('holds versions to ifMatch and ifNoneMatch', async () => {
    await fhir.put('Patient/t5', patient({ id: 't5' }));
    const update = (request: object): object =>
      bundle('transaction', entry('PUT', 'Patient/t5', patient({ id: 't5', gender: 'female' }), { ...request }));
    await refused(412, 'Bundle.entry[0]', update({ ifNoneMatch: '*' }));
    expect((await fhir.post('', update({ ifMatch: 'W/"1"' }))).status).toBe(200);
  });

  it('deletes, updates and reads what it has just changed', async () => {
    await fhir.put('Patient/t6', patient({ id: 't6' }));
    await fhir.put('Patient/t7', patient({ id: 't7' }));
    const result = await transact(
      entry('GET', 'Patient/t6'),
      entry('DELETE', 'Patient/t7'),
      entry('PUT', 'Patient/t6', patient({ id: 't6', gender: 'male' })),
      entry('GET', 'Patient?_id=t6,t7'),
      entry('GET', 'Patient/t7'),
    );
    expect(result.entry.map(({ response }) => response.status)).toEqual([
      '200 OK',
      '204 No Content',
      '200 OK',
      '200 OK',
      '410 Gone',
    ]);
    expect(result.entry[0].resource).toMatchObject({ gender: 'male', meta: { versionId: '2' } });
    expect(result.entry[3].resource).toMatchObject({ resourceType: 'Bundle', total: 1 });
  });

  it('of nothing but reads, or of nothing, writes nothing', async () => {
    const before = await size();
    await transact(entry('GET', 'Patient/t6'));
    const empty = await fhir.post('', { resourceType: 'Bundle', type: 'transaction' });
    expect([empty.status, empty.json().type]).toEqual([200, 'transaction-response']);
    expect(await size()).toBe(before);
  });

  it('serves each resource as it was sent', async () => {
    const text = `{"resourceType":"Bundle", "type":"transaction","entry":[{"fullUrl":"${UUID_A}","resource":{"resourceType":"Patient","id":"x"},"request":{"method":"POST","url":"Patient"}},
      {"resource": { "resourceType":"Observation",  "status":"final","code":{"text":"x"},"subject": { "reference" : "${UUID_A}" }, "valueQuantity":{"value":1.50 } },"request":{"method":"POST","url":"Observation"}}]}`;
    const result = (await fhir.post('', text)).json<BundleAnswer>();
    const served = await fhir.get(recordOf(result, 1));
    expect(served.text).toContain(
      `"subject": { "reference" : "${recordOf(result, 0)}" }, "valueQuantity":{"value":1.50 } }`,
    );
  });

  it('gives back the records with Prefer: return=representation', async () => {
    const answer = await fhir.post('', bundle('transaction', entry('POST', 'Patient', patient({ gender: 'other' }))), {
      Prefer: 'return=representation',
    });
    expect(answer.json<BundleAnswer>().entry[0].resource).toMatchObject({ gender: 'other', meta: { versionId: '1' } });
  });

  it('is understood by fhir-kit-client', async () => {
    const result = (await client.transaction({
      body: bundle(
        'transaction',
        entry('POST', 'Patient', patient(), { fullUrl: UUID_A }),
        entry('POST', 'Observation', observation(UUID_A)),
      ) as never,
    })) as unknown as BundleAnswer;
    expect(result.entry.map(({ response }) => response.status)).toEqual(['201 Created', '201 Created']);
  });

  it('of many entries is one submission in the ledger', async () => {
    const before = await size();
    await transact(
      ...Array.from({ length: 300 }, (_, at) => entry('PUT', `Patient/many-${at}`, patient({ id: `many-${at}` }))),
    );
    const envelopes = await Promise.all(
      [0, 1, 299].map(async (at) =>
        (await http(`${server.url}/ledger/chains/1/entries/${before + at}`)).json<{
          submission: string;
          part: number;
          parts: number;
        }>(),
      ),
    );
    expect(new Set(envelopes.map(({ submission }) => submission)).size).toBe(1);
    expect(envelopes.map(({ part, parts }) => [part, parts])).toEqual([
      [0, 300],
      [1, 300],
      [299, 300],
    ]);
  });
});

describe('a batch', () => {
  it('answers each entry for itself, in order', async () => {
    const answer = await fhir.post(
      '',
      bundle(
        'batch',
        entry('PUT', 'Patient/b1', patient({ id: 'b1' })),
        entry('PUT', 'Patient/b2', { resourceType: 'Patient', id: 'b2', birthDate: 'soon' }),
        entry('GET', 'Patient/b1'),
        entry('DELETE', 'Patient/never'),
        entry('PUT', 'Patient/b1', patient({ id: 'b1' }), { ifMatch: 'W/"7"' }),
        entry('GET', 'Patient/nobody'),
        entry('POST', 'Nothing', patient()),
        entry('PUT', 'Patient/b3', patient({ id: 'b3' })),
        { resource: patient() },
        entry('GET', 'Patient?_id=b1,b3'),
      ),
    );
    expect(answer.status).toBe(200);
    const { type, entry: entries } = answer.json<BundleAnswer>();
    expect(type).toBe('batch-response');
    expect(entries.map(({ response }) => response.status.slice(0, 3))).toEqual([
      '201',
      '400',
      '200',
      '204',
      '412',
      '404',
      '400',
      '201',
      '400',
      '200',
    ]);
    expect(entries[1].response.outcome!.issue[0].expression).toEqual(['Bundle.entry[1].resource.birthDate']);
    expect(entries[2].resource).toMatchObject({ id: 'b1' });
    expect(entries[9].resource).toMatchObject({ total: 2 });
    expect((await fhir.get('Patient/b2')).status).toBe(404);
  });

  it('with nothing but bad entries writes nothing', async () => {
    const before = await size();
    const answer = await fhir.post(
      '',
      bundle('batch', entry('POST', 'Patient', { resourceType: 'Patient', nick: 1 }), entry('GET', 'Patient/%')),
    );
    expect(answer.json<BundleAnswer>().entry.map(({ response }) => response.status.slice(0, 1))).toEqual(['4', '4']);
    expect(await size()).toBe(before);
  });

  it('has no references between its entries', async () => {
    const answer = await fhir.post(
      '',
      bundle(
        'batch',
        entry('POST', 'Patient', patient(), { fullUrl: UUID_A }),
        entry('POST', 'Observation', observation(UUID_A)),
      ),
    );
    expect(answer.json<BundleAnswer>().entry.map(({ response }) => response.status.slice(0, 3))).toEqual([
      '201',
      '400',
    ]);
  });
});

describe('an Idempotency-Key', () => {
  const key = { 'Idempotency-Key': 'order 1' };
  const body = bundle(
    'transaction',
    entry('POST', 'Patient', patient(), { fullUrl: UUID_A }),
    entry('POST', 'Observation', observation(UUID_A)),
  );

  it('repeated with the same body is applied once, and answered as before', async () => {
    const before = await size();
    const first = await fhir.post('', body, key);
    const second = await fhir.post('', body, key);
    expect([first.headers.get('idempotent-replayed'), second.headers.get('idempotent-replayed')]).toEqual([
      null,
      'true',
    ]);
    expect(second.text).toBe(first.text);
    expect(second.headers.get('chartledger-position')).toBe(first.headers.get('chartledger-position'));
    expect(await size()).toBe(before + 2);
  });

  it('sent many times at once is applied once', async () => {
    const before = await size();
    const post = (): Promise<HttpAnswer> =>
      fhir.post('Patient', patient({ gender: 'unknown' }), { 'Idempotency-Key': 'order 2' });
    const answers = await Promise.all(Array.from({ length: 12 }, post));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers.filter(({ headers }) => headers.get('idempotent-replayed') === null).length).toBe(1);
    expect(await size()).toBe(before + 1);
  });

  it('holds after a restart', async () => {
    const before = await size();
    await server.restart();
    fhir = new FhirHttp(`${server.url}/fhir/clinic`);
    const again = await fhir.post('', body, key);
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([200, 'true']);
    expect(await size()).toBe(before);
  });

  it('repeated for a refused request is refused again, and is free for one that is accepted', async () => {
    const order3 = { 'Idempotency-Key': 'order 3', 'If-Match': 'W/"1"' };
    const update = patient({ id: 'idem' });
    expect((await fhir.put('Patient/idem', update, order3)).status).toBe(412);
    expect((await fhir.put('Patient/idem', update, { 'Idempotency-Key': 'order 3' })).status).toBe(201);
    expect((await fhir.put('Patient/idem', update, { 'Idempotency-Key': 'order 3' })).status).toBe(201);
  });
});

async function refused(status: number, element: string, body: object): Promise<void> {
  const before = await size();
  const answer = await fhir.post('', body);
  expect([answer.status, answer.text]).toEqual([status, expect.any(String)]);
  const { issue } = answer.json<{ issue: Issue[] }>();
  expect(issue[0].expression![0].slice(0, element.length)).toBe(element);
  expect(await size()).toBe(before);
}

async function read(record: string): Promise<Record<string, unknown>> {
  const answer = await fhir.get(record);
  expect(answer.status).toBe(200);
  return answer.json();
}

/** Entries on the source's chain. */
async function size(): Promise<number> {
  const chains = (await http(`${server.url}/ledger/chains`)).json<{ chain: number; size: number }[]>();
  return chains.find(({ chain }) => chain === 1)!.size;
}
