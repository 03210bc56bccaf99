import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FhirHttp, http, type HttpAnswer, startTestServer, type TestServer } from '@chartledger/testing';

interface Source {
  name: string;
  chain: number;
  validation: string;
}

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ CHARTLEDGER_CHAINS: '3' });
});
afterAll(() => server.remove());

const register = (body: unknown): Promise<HttpAnswer> =>
  http(`${server.url}/sources`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

describe('POST /sources', () => {
  it('registers once: 201, then 200 for the same, 409 for another', async () => {
    const first = await register({ name: 'st-mary' });
    expect(first.status).toBe(201);
    const { chain } = first.json<Source>();
    expect(first.json()).toEqual({ name: 'st-mary', chain: expect.any(Number), validation: 'reject' });
    expect([1, 2, 3]).toContain(chain);
    expect((await register({ name: 'st-mary' })).status).toBe(200);
    expect((await register({ name: 'st-mary', chain, validation: 'reject' })).status).toBe(200);
    expect((await register({ name: 'st-mary', chain: (chain % 3) + 1 })).status).toBe(409);
    expect((await register({ name: 'st-mary', validation: 'record' })).status).toBe(409);
  });

  it('takes the chain that was asked for, and is listed with it', async () => {
    for (const chain of [1, 2, 3]) {
      expect((await register({ name: `lab-${chain}`, chain })).json()).toMatchObject({ chain });
    }
    const chains = (await http(`${server.url}/ledger/chains`)).json<{ chain: number; sources: string[] }[]>();
    expect(chains.map(({ chain }) => chain)).toEqual([0, 1, 2, 3]);
    for (const chain of [1, 2, 3]) expect(chains[chain].sources).toContain(`lab-${chain}`);
    const listed = (await http(`${server.url}/sources`)).json<Source[]>();
    expect(listed).toContainEqual({ name: 'lab-2', chain: 2, validation: 'reject' });
  });

  it.each([
    ['no JSON', '{'],
    ['a list', []],
    ['null', 'null'],
    ['no name', {}],
    ['an empty name', { name: '' }],
    ['a name in capitals', { name: 'Lab' }],
    ['a name with a slash', { name: 'a/b' }],
    ['a name with a dot', { name: 'a.b' }],
    ['a name of 65 characters', { name: 'a'.repeat(65) }],
    ['a name that is no text', { name: 5 }],
    ['the name of the system', { name: 'chartledger' }],
    ['chain 0', { name: 'zero', chain: 0 }],
    ['a chain that there is not', { name: 'four', chain: 4 }],
    ['a chain that is no number', { name: 'one', chain: '1' }],
    ['half a chain', { name: 'half', chain: 1.5 }],
    ['an unknown policy', { name: 'lax', validation: 'ignore' }],
    ['a member that it does not have', { name: 'more', colour: 'red' }],
  ])('refuses %s', async (_what, body) => {
    const before = await systemSize();
    const answer = await register(body);
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer.json()).toMatchObject({ status: 400, detail: expect.any(String) });
    expect(await systemSize()).toBe(before);
  });

  it('by many at once registers once', async () => {
    const before = await systemSize();
    const answers = await Promise.all(Array.from({ length: 10 }, () => register({ name: 'rush' })));
    expect(answers.every(({ status }) => status === 201 || status === 200)).toBe(true);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(await systemSize()).toBe(before + 1);
  });

  it('keeps the same names apart', async () => {
    const [one, two] = [1, 2].map((chain) => new FhirHttp(`${server.url}/fhir/lab-${chain}`));
    await one.put('Patient/1', { resourceType: 'Patient', id: '1', gender: 'male' });
    await two.put('Patient/1', { resourceType: 'Patient', id: '1', gender: 'female' });
    expect((await one.get('Patient/1')).json()).toMatchObject({ gender: 'male' });
    expect((await two.get('Patient/1')).json()).toMatchObject({ gender: 'female' });
    expect((await one.get('Patient/1')).headers.get('chartledger-position')).toMatch(/^1:/);
    expect((await two.get('Patient/1')).headers.get('chartledger-position')).toMatch(/^2:/);
  });
});

describe('a source that is not registered', () => {
  it('is 404 for every interaction', async () => {
    const nobody = new FhirHttp(`${server.url}/fhir/nobody`);
    const answers = [
      await nobody.get('metadata'),
      await nobody.get('Patient/1'),
      await nobody.get('Patient'),
      await nobody.put('Patient/1', { resourceType: 'Patient', id: '1' }),
      await nobody.post('', { resourceType: 'Bundle', type: 'batch' }),
      await nobody.delete('Patient/1'),
    ];
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404, 404]);
    for (const answer of answers) expect(answer.json()).toMatchObject({ resourceType: 'OperationOutcome' });
  });
});

describe('the validation policy record', () => {
  let fhir: FhirHttp;
  beforeAll(async () => {
    await register({ name: 'archive', validation: 'record' });
    fhir = new FhirHttp(`${server.url}/fhir/archive`);
  });
  const imperfect = (id: string): string =>
    `{"resourceType":"Patient","id":"${id}","birthDate":"31.12.1970","shoe":44}`;

  it('takes what is not sound, gives it back as it was sent, and says what was found', async () => {
    const answer = await fhir.put('Patient/i1', imperfect('i1'), { Prefer: 'return=OperationOutcome' });
    expect(answer.status).toBe(201);
    const { issue } = answer.json<{ issue: { severity: string; expression: string[] }[] }>();
    expect(issue.map(({ severity, expression }) => [severity, ...expression])).toEqual([
      ['warning', 'Patient.birthDate'],
      ['warning', 'Patient.shoe'],
    ]);
    expect((await fhir.get('Patient/i1')).text).toContain('"birthDate":"31.12.1970","shoe":44}');
  });

  it('takes it in a transaction too', async () => {
    const text = `{"resourceType":"Bundle","type":"transaction","entry":[{"resource":${imperfect('i2')},"request":{"method":"PUT","url":"Patient/i2"}}]}`;
    expect((await fhir.post('', text)).status).toBe(200);
    expect((await fhir.get('Patient/i2')).status).toBe(200);
  });

  it.each([
    ['what is not JSON', '{"resourceType":"Patient","id":"i3"'],
    ['a duplicate key', '{"resourceType":"Patient","id":"i3","active":true,"active":true}'],
    ['another type', '{"resourceType":"Group","id":"i3"}'],
    ['a bad id', '{"resourceType":"Patient","id":"i 3"}'],
  ])('still refuses %s', async (_what, text) => {
    expect((await fhir.put('Patient/i3', text)).status).toBe(400);
    expect((await fhir.get('Patient/i3')).status).toBe(404);
  });

  it('does not stumble over what is of the wrong form where it is searched', async () => {
    const text = (members: string): string => `{"resourceType":"Observation",${members}}`;
    for (const members of [
      '"subject":"Patient/1"',
      '"subject":[{"reference":5}]',
      '"identifier":{"value":5}',
      '"identifier":[null,[],"x",{"system":{},"value":"v"}]',
      '"subject":{"reference":"Patient/1"},"contained":[[],5]',
      '"extension":{"valueReference":{"reference":{}}}',
    ]) {
      const answer = await fhir.post('Observation', text(members));
      expect([members, answer.status]).toEqual([members, 201]);
      const { id } = answer.json<{ id: string }>();
      expect((await fhir.get(`Observation/${id}`)).text).toContain(members);
    }
    expect((await http(`${server.url}/health/ready`)).status).toBe(200);
  });
});

async function systemSize(): Promise<number> {
  return (await http(`${server.url}/ledger/chains`)).json<{ size: number }[]>()[0].size;
}
