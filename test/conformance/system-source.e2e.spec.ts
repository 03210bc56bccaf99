import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { STARTING_VIEWS } from '@chartledger/population';
import { FhirHttp, registerSource, startTestServer, type TestServer } from '@chartledger/testing';

let server: TestServer;
let system: FhirHttp;
let clinic: FhirHttp;
beforeAll(async () => {
  server = await startTestServer();
  system = new FhirHttp(`${server.url}/fhir/chartledger`);
  clinic = await registerSource(server.url, { name: 'clinic' });
});
afterAll(() => server.remove());

const view = (more: object = {}): object => ({
  resourceType: 'ViewDefinition',
  id: 'patients',
  status: 'active',
  name: 'patients',
  resource: 'Patient',
  select: [{ column: [{ name: 'id', path: 'getResourceKey()' }] }],
  ...more,
});

describe('the system is a source', () => {
  it('keeps what it is configured with as records: with versions, history and positions on chain 0', async () => {
    const created = await system.put('ViewDefinition/patients', view());
    expect([created.status, created.headers.get('etag')]).toEqual([201, 'W/"1"']);
    expect(created.headers.get('chartledger-position')).toMatch(/^0:\d+$/);
    expect((await system.put('ViewDefinition/patients', view({ title: 'People' }))).headers.get('etag')).toBe('W/"2"');
    expect((await system.get('ViewDefinition/patients')).json()).toMatchObject({ title: 'People' });
    expect((await system.get('ViewDefinition/patients/_history/1')).json()).not.toHaveProperty('title');
    expect((await system.get('ViewDefinition/patients/_history')).json()).toMatchObject({ total: 2 });
    expect((await system.delete('ViewDefinition/patients')).status).toBe(204);
    expect((await system.get('ViewDefinition/patients')).status).toBe(410);
  });

  it('names the element of a ViewDefinition that is not sound', async () => {
    const answer = await system.put('ViewDefinition/patients', view({ select: [{ column: [{ name: 'id' }] }] }));
    expect(answer.status).toBe(400);
    expect(answer.json()).toMatchObject({ issue: [{ expression: ['ViewDefinition.select[0].column[0].path'] }] });
  });

  it('names the path of a ViewDefinition that asks for what there is not', async () => {
    const column = [{ name: 'family', path: 'name.famly' }];
    const answer = await system.put('ViewDefinition/patients', view({ select: [{ column }] }));
    expect(answer.status).toBe(422);
    expect(answer.json()).toMatchObject({
      issue: [
        {
          diagnostics: 'ViewDefinition.select[0].column[0].path: HumanName has no element famly',
          expression: ['ViewDefinition.select[0].column[0].path'],
        },
      ],
    });
  });

  it.each(STARTING_VIEWS)('takes the view $name of the starting set', async (starting) => {
    expect((await system.put(`ViewDefinition/${starting.id}`, starting)).status).toBe(201);
  });

  it('takes nothing from clients that it decides itself', async () => {
    const answer = await system.put('Person/p1', { resourceType: 'Person', id: 'p1' });
    expect(answer.status).toBe(405);
    expect(answer.text).toContain('made by the system itself');
  });
});

it('a ViewDefinition is no record of a hospital', async () => {
  const answer = await clinic.put('ViewDefinition/patients', view());
  expect(answer.status).toBe(404);
  expect(answer.text).toContain('/fhir/chartledger');
});
