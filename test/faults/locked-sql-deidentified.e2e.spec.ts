import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  FhirHttp,
  http,
  registerSource,
  startTestServer,
  type HttpAnswer,
  type TestServer,
} from '@chartledger/testing';
import { readFileSync } from 'node:fs';

interface Case {
  name: string;
  /** A view that is sent along. */
  view?: object;
  /** Over `p`, the registered view of the patients. */
  sql?: string;
  /** What the refusal says; null: it is answered, and the answer tells nothing. */
  refused: string | null;
}

const { cases } = JSON.parse(readFileSync(new URL('locked-sql-deidentified.cases.json', import.meta.url), 'utf8')) as {
  cases: Case[];
};

const URL_OF_VIEW = 'http://views.example/ViewDefinition/p';
const VIEW = {
  resourceType: 'ViewDefinition',
  id: 'p',
  name: 'p',
  url: URL_OF_VIEW,
  status: 'active',
  resource: 'Patient',
  select: [
    {
      column: [
        { name: 'key', path: 'getResourceKey()', type: 'string' },
        { name: 'family', path: 'name.family.first()', type: 'string' },
        { name: 'born', path: 'birthDate', type: 'date' },
      ],
    },
  ],
};
/** Of the one patient that there is. */
const TELLING = ['Canary', 'p1', '1961-07-19', '07-19', 'clinic'];

let server: TestServer;
let system: FhirHttp;
beforeAll(async () => {
  server = await startTestServer();
  system = new FhirHttp(`${server.url}/fhir/chartledger`);
  const clinic = await registerSource(server.url, { name: 'clinic' });
  await clinic.put('Patient/p1', {
    resourceType: 'Patient',
    id: 'p1',
    name: [{ family: 'Canary' }],
    gender: 'female',
    birthDate: '1961-07-19',
  });
  expect((await system.put('ViewDefinition/p', VIEW)).status).toBe(201);
  const body = JSON.stringify({ name: 'moved', dates: 'shift' });
  expect((await http(`${server.url}/population/projects`, { method: 'POST', body })).status).toBe(201);
});
afterAll(() => server.remove());

function ask(subject: object, project: string): Promise<HttpAnswer> {
  return system.post('$sql-run', {
    resourceType: 'Parameters',
    parameter: [
      { name: 'subjectResource', resource: subject },
      { name: 'project', valueString: project },
      { name: '_format', valueCode: 'json' },
    ],
  });
}

function subjectOf({ view, sql }: Case): object {
  if (view) return { resourceType: 'ViewDefinition', status: 'active', ...view };
  return {
    resourceType: 'Library',
    status: 'active',
    type: { coding: [{ code: 'sql-query' }] },
    relatedArtifact: [{ type: 'depends-on', label: 'p', resource: URL_OF_VIEW }],
    content: [{ contentType: 'application/sql', data: Buffer.from(sql!).toString('base64') }],
  };
}

describe.each(['years', 'moved'])('a project that wants to know who they are (%s)', (project) => {
  it.each(cases)('$name', async (attack) => {
    const answer = await ask(subjectOf(attack), project);
    const said = answer.text;
    if (attack.refused === null) {
      expect([answer.status, said.slice(0, 200)]).toEqual([200, expect.any(String)]);
      expect(TELLING.filter((value) => said.includes(value))).toEqual([]);
    } else {
      expect([answer.status, said]).toEqual([expect.any(Number), expect.stringContaining(attack.refused)]);
      expect([400, 403, 422]).toContain(answer.status);
      expect(said).not.toContain('Canary');
    }
    expect(said).not.toMatch(/[0-9a-f]{64}/);
  });
});
