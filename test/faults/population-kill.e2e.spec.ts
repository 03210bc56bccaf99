import { afterEach, expect, it } from '@jest/globals';
import { town } from '../../apps/cli/src/generate/index.js';
import { FhirHttp, http, startTestServer, type TestServer } from '@chartledger/testing';
import { random, SEED } from './random.js';

/** Kill -9 at any moment while views are kept and filled: after the restart no row is there twice, and none is missing. */

const KILLS = 2;
const CLIENTS = 4;
const SOURCE = 'st-mary';

let server: TestServer;
afterEach(async () => server?.remove());

function view(id: string, resource: string): object {
  const column = [
    { name: 'key', path: 'getResourceKey()', type: 'string' },
    { name: 'version', path: 'meta.versionId', type: 'id' },
  ];
  return {
    resourceType: 'ViewDefinition',
    id,
    name: id.replaceAll('-', '_'),
    status: 'active',
    resource,
    select: [{ column }],
  };
}

async function rows(subject: object): Promise<string[]> {
  const system = new FhirHttp(`${server.url}/fhir/chartledger`);
  const answer = await system.post('$sql-run', { resourceType: 'Parameters', parameter: [subject] });
  expect({ status: answer.status, text: answer.status === 200 ? '' : answer.text }).toEqual({ status: 200, text: '' });
  return answer.text.split('\n').sort();
}

/** What is kept is what the ledger gives when it is read from the oldest entry on. */
async function holds(id: string, resource: string): Promise<void> {
  const kept = await rows({ name: 'subjectReference', valueReference: { reference: `ViewDefinition/${id}` } });
  const anew = { ...view(id, resource), name: 'anew' };
  expect(kept).toEqual(await rows({ name: 'subjectResource', resource: anew }));
  expect(new Set(kept).size).toBe(kept.length);
}

it(`kill -9 leaves live views whole (seed ${SEED})`, async () => {
  const next = random(SEED);
  const files = [...town({ patients: 60, seed: 11 })].filter((file) => file.source === SOURCE);
  server = await startTestServer();
  await http(`${server.url}/sources`, { method: 'POST', body: JSON.stringify({ name: SOURCE }) });
  const system = (): FhirHttp => new FhirHttp(`${server.url}/fhir/chartledger`);
  await system().put('ViewDefinition/observations', view('observations', 'Observation'));
  await rows({ name: 'subjectReference', valueReference: { reference: 'ViewDefinition/observations' } });
  const kept: [id: string, resource: string][] = [['observations', 'Observation']];
  let at = 0;
  for (let kill = 0; kill < KILLS; kill += 1) {
    const resource = ['Patient', 'Encounter'][kill];
    const id = `kind-${resource.toLowerCase()}`;
    const until = Math.min(files.length, at + 4 + Math.floor(next() * 12));
    const lane = async (): Promise<void> => {
      while (at < until) {
        const { text } = files[at++];
        const headers = { 'Content-Type': 'application/fhir+json' };
        await http(`${server.url}/fhir/${SOURCE}`, { method: 'POST', headers, body: text }).catch(() => undefined);
      }
      // A view that is registered just before the kill is filled after it.
      await system()
        .put(`ViewDefinition/${id}`, view(id, resource))
        .catch(() => undefined);
      await server.kill().catch(() => undefined);
    };
    await Promise.all(Array.from({ length: CLIENTS }, lane));
    await server.restart();
    if ((await system().get(`ViewDefinition/${id}`)).status === 200) kept.push([id, resource]);
    for (const one of kept) await holds(...one);
  }
  expect(kept.length).toBeGreaterThan(1);
}, 120_000);
