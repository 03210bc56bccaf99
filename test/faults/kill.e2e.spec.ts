import { afterEach, describe, expect, it } from '@jest/globals';
import { town } from '../../apps/cli/src/generate/index.js';
import { http, startTestServer, type HttpAnswer, type TestServer } from '@chartledger/testing';
import { cli } from './cli.js';
import { random, SEED } from './random.js';

/** Kill -9 at any moment of an import: what was acknowledged is there, and every transaction is whole or absent. */

const KILLS = 4;
const CLIENTS = 6;
const SOURCE = 'st-mary';

interface Answered {
  key: string;
  locations: string[];
}

let server: TestServer;
afterEach(async () => server?.remove());

function send(file: { path: string; text: string }): Promise<HttpAnswer> {
  const headers = { 'Content-Type': 'application/fhir+json', 'Idempotency-Key': file.path };
  return http(`${server.url}/fhir/${SOURCE}`, { method: 'POST', headers, body: file.text });
}

function locationsOf(answer: HttpAnswer): string[] {
  const { entry } = answer.json<{ entry: { response: { location?: string } }[] }>();
  return entry.flatMap(({ response }) => (response.location ? [new URL(response.location).pathname] : []));
}

describe(`kill -9 during an import (seed ${SEED})`, () => {
  it('loses nothing acknowledged, shows nothing half-written, and the import can be run again', async () => {
    const next = random(SEED);
    const files = [...town({ patients: 120, seed: 7 })].filter(
      (file) => file.source === SOURCE && !file.path.includes('updates'),
    );
    const [first, ...others] = files;
    server = await startTestServer();
    await http(`${server.url}/sources`, { method: 'POST', body: JSON.stringify({ name: SOURCE }) });
    expect((await send(first)).status).toBe(200);

    const acknowledged: Answered[] = [];
    let at = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      const killAfter = acknowledged.length + 2 + Math.floor(next() * 8);
      let killed: Promise<unknown> | undefined;
      const lane = async (): Promise<void> => {
        while (!killed && at < others.length) {
          const file = others[at++];
          // A request that the kill cuts short was not acknowledged.
          const answer = await send(file).catch(() => undefined);
          if (answer?.status !== 200) return;
          acknowledged.push({ key: file.path, locations: locationsOf(answer) });
          if (acknowledged.length >= killAfter) killed ??= server.kill();
        }
      };
      await Promise.all(Array.from({ length: CLIENTS }, lane));
      await (killed ?? server.kill());
      await server.restart();
      await holds(acknowledged, others.slice(0, at));
    }

    for (const file of others) expect((await send(file)).status).toBe(200);
    await holds(acknowledged, others);
    await server.stop();
    const { code, stdout } = await cli(server.dataDir, 'verify', '--payloads', '--json');
    expect({ code, ok: (JSON.parse(stdout) as { ok: boolean }).ok }).toEqual({ code: 0, ok: true });
  }, 240_000);
});

/** Every acknowledged record is read; every Bundle that was ever sent has all of its Observations or no Patient. */
async function holds(acknowledged: readonly Answered[], sent: readonly { text: string }[]): Promise<void> {
  for (const { locations } of acknowledged) {
    const statuses = await Promise.all(
      [locations[0], locations[locations.length - 1]].map((path) => http(`${server.url}${path}`)),
    );
    expect(statuses.map(({ status }) => status)).toEqual([200, 200]);
  }
  for (const { text } of sent) {
    const bundle = JSON.parse(text) as {
      entry: { resource: { resourceType: string; identifier?: { system: string; value: string }[] } }[];
    };
    const patient = bundle.entry.find(({ resource }) => resource.resourceType === 'Patient');
    const [identifier] = patient?.resource.identifier ?? [];
    if (!identifier) continue;
    const query = new URLSearchParams({ identifier: `${identifier.system}|${identifier.value}` });
    const found = (await http(`${server.url}/fhir/${SOURCE}/Patient?${query}`)).json<{
      total: number;
      entry?: { resource: { id: string } }[];
    }>();
    if (found.total === 0) continue;
    const observations = bundle.entry.filter(({ resource }) => resource.resourceType === 'Observation').length;
    const id = found.entry![0].resource.id;
    const held = (await http(`${server.url}/fhir/${SOURCE}/Observation?patient=${id}&_count=1`)).json<{
      total: number;
    }>();
    expect(held.total).toBe(observations);
  }
}
