import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { STARTING_QUERIES, STARTING_VIEWS, startingMeasures } from '@chartledger/population';
import { FhirHttp, registerSource, startTestServer, type HttpAnswer, type TestServer } from '@chartledger/testing';

const CLI = fileURLToPath(new URL('../../dist/apps/cli/src/main.js', import.meta.url));

let server: TestServer;
let system: FhirHttp;
/** Where the ledger stood before the second condition. */
let before: string;
beforeAll(async () => {
  server = await startTestServer();
  system = new FhirHttp(`${server.url}/fhir/chartledger`);
  const clinic = await registerSource(server.url, { name: 'clinic' });
  expect(starting()).toMatchObject({ kept: KEPT, changed: KEPT });
  const admit = async (id: string, family: string): Promise<void> => {
    const patient = { resourceType: 'Patient', id, name: [{ family, given: [id] }], birthDate: '1960-01-01' };
    expect((await clinic.put(`Patient/${id}`, patient)).status).toBe(201);
    expect((await clinic.put(`Condition/${id}`, diabetes(id))).status).toBe(201);
  };
  await admit('p1', 'Okonkwo');
  before = (await ask('charlson-index')).headers.get('chartledger-position')!;
  await admit('p2', 'Kowalczyk');
});
afterAll(() => server.remove());

const KEPT = STARTING_VIEWS.length + startingMeasures().length + STARTING_QUERIES.length;

function starting(): { kept: number; changed: number } {
  const text = execFileSync(process.execPath, [CLI, 'starting-set', '--url', server.url, '--json'], {
    encoding: 'utf8',
  });
  return JSON.parse(text.trim().split('\n').at(-1)!) as { kept: number; changed: number };
}

function diabetes(id: string): object {
  return {
    resourceType: 'Condition',
    id,
    subject: { reference: `Patient/${id}` },
    code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'E11.9' }] },
  };
}

const DAYS: Readonly<Record<string, string>> = { on: '2024-12-31', periodStart: '2024-01-01', periodEnd: '2024-12-31' };

/** The query with the days that it must be told. */
function ask(id: string, more: object[] = []): Promise<HttpAnswer> {
  const { parameter = [] } = STARTING_QUERIES.find((one) => one.id === id)!;
  const days = parameter.flatMap(({ name }) => (DAYS[name] ? [{ name, valueDate: DAYS[name] }] : []));
  return system.post('$sql-run', {
    resourceType: 'Parameters',
    parameter: [
      { name: 'subjectReference', valueString: `Library/${id}` },
      { name: '_format', valueCode: 'ndjson' },
      ...(days.length > 0 ? [{ name: 'parameters', resource: { resourceType: 'Parameters', parameter: days } }] : []),
      ...more,
    ],
  });
}

const peopleOf = ({ text }: HttpAnswer): number => text.split('\n').filter(Boolean).length;

describe('the starting set over a running server', () => {
  it('is the same when it is put again', () => {
    expect(starting()).toEqual({ kept: KEPT, changed: 0 });
  });

  it.each(STARTING_QUERIES.map(({ id }) => id))('%s is run by $sql-run, now and as of before', async (id) => {
    for (const more of [[], [{ name: '_asOf', valueString: before }]]) {
      const answer = await ask(id, more);
      expect([answer.status, answer.status === 200 ? '' : answer.text]).toEqual([200, '']);
      expect(answer.headers.get('chartledger-position')).toMatch(/^0:\d+,1:\d+$/);
    }
  });

  it('answers as of before what was known then', async () => {
    for (const id of ['condition-registry', 'gap-hba1c', 'charlson-categories']) {
      expect(peopleOf(await ask(id))).toBe(2);
      expect(peopleOf(await ask(id, [{ name: '_asOf', valueString: before }]))).toBe(1);
    }
  });

  it('of one patient is asked where no value set is read, and is refused where one is', async () => {
    const patient = [{ name: 'patient', valueString: 'clinic/Patient/p1' }];
    expect(peopleOf(await ask('charlson-index', patient))).toBe(1);
    const { status, text } = await ask('condition-registry', patient);
    expect([status, text]).toEqual([422, expect.stringContaining('there is no such value set')]);
  });
});
