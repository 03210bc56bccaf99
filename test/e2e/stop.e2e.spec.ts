import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  eventually,
  FhirHttp,
  processesOf,
  registerSource,
  startTestServer,
  type TestServer,
} from '@chartledger/testing';
import { expectSound, Traffic } from './traffic.fixture.js';

/** Kills of a server under load, each at another moment. */
const KILLS = 3;
/** Enough that groups, views and checkpoints are all under way. */
const WRITES_BEFORE_KILL = 80;
const TIMEOUT_MS = 120_000;

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer();
  await registerSource(server.url, { name: 'clinic' });
}, TIMEOUT_MS);
afterEach(() => server.remove(), TIMEOUT_MS);

const clinic = (): FhirHttp => new FhirHttp(`${server.url}/fhir/clinic`);

describe('SIGTERM', () => {
  it(
    'ends a server under load in time, with exit code 0 and no process left, and nothing acknowledged is lost',
    async () => {
      const traffic = new Traffic();
      traffic.begin(clinic());
      await eventually('some traffic', () => traffic.acknowledged >= 30);
      const { code } = await server.stop();
      await traffic.end();
      expect(code).toBe(0);
      expect(processesOf(server.dataDir)).toEqual([]);
      await server.start();
      await traffic.check(clinic());
      await expectSound(server.url);
    },
    TIMEOUT_MS,
  );

  it(
    'ends a server while it starts too, at any moment, and no process is left',
    async () => {
      for (const sign of ['owner.pid', 'postgres/postmaster.pid']) {
        await server.stop();
        const starting = server.start().catch(() => undefined);
        await eventually(sign, () => existsSync(join(server.dataDir, sign)));
        await server.stop();
        await starting;
        expect(processesOf(server.dataDir)).toEqual([]);
      }
      await server.start();
      expect((await server.stop()).code).toBe(0);
      expect(processesOf(server.dataDir)).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

describe('kill -9', () => {
  it(
    'of the process group under load loses nothing that was acknowledged and leaves no transaction in part',
    async () => {
      const traffic = new Traffic();
      for (let kill = 1; kill <= KILLS; kill += 1) {
        const before = traffic.acknowledged;
        traffic.begin(clinic());
        await eventually('some traffic', () => traffic.acknowledged >= before + WRITES_BEFORE_KILL * kill);
        await server.kill();
        await traffic.end();
        await server.start();
        await traffic.check(clinic());
        await expectSound(server.url);
      }
    },
    TIMEOUT_MS,
  );

  it(
    'of the server alone leaves its PostgreSQL, which the next start stops before its own',
    async () => {
      await clinic().put('Patient/p', { resourceType: 'Patient', id: 'p' });
      process.kill(server.pid, 'SIGKILL');
      await eventually(
        'the end of the server',
        () => !processesOf(server.dataDir).some(({ command }) => command.includes('main.js')),
      );
      expect(processesOf(server.dataDir)).not.toEqual([]);
      await server.start();
      expect((await clinic().get('Patient/p')).status).toBe(200);
      const { code } = await server.stop();
      expect(code).toBe(0);
      expect(processesOf(server.dataDir)).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

describe('what lies on the disk', () => {
  it('is no resource in the clear', async () => {
    const secret = 'Quetzalcoatl-Mirabilis';
    const identifier = [{ value: `${secret}-7` }];
    await clinic().put('Patient/s', { resourceType: 'Patient', id: 's', name: [{ family: secret }], identifier });
    expect((await clinic().get(`Patient?identifier=${secret}-7`)).json()).toMatchObject({ total: 1 });
    await server.stop();
    expect(await filesWith(server.dataDir, secret)).toEqual([]);
  });
});

async function filesWith(folder: string, text: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    if ((await readFile(path)).includes(text)) found.push(path);
  }
  return found;
}
