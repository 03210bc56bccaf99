import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { PROXY } from './files.fixture.js';
import { ROUTES } from './routes.fixture.js';

/** The routes need the real HAProxy (`apt-get install haproxy`); without it they are skipped. */
const installed = spawnSync('haproxy', ['-v']).status === 0;
const describeProxy = installed ? describe : describe.skip;
const START_DEADLINE_MS = 10_000;

async function listening(name: string): Promise<{ server: Server; port: number }> {
  const server = createServer((request, response) => {
    response.setHeader('X-Stage', name);
    response.end(JSON.stringify(request.headers['x-request-id']));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

async function freePort(): Promise<number> {
  const { server, port } = await listening('none');
  server.close();
  await once(server, 'close');
  return port;
}

async function answers(url: string): Promise<void> {
  const deadline = Date.now() + START_DEADLINE_MS;
  while (
    await fetch(url).then(
      () => false,
      () => true,
    )
  ) {
    if (Date.now() > deadline) throw new Error(`nothing answers at ${url}`);
    await delay(20);
  }
}

describeProxy('the way in', () => {
  const folder = mkdtempSync(join(tmpdir(), 'chartledger-routes-'));
  const servers: Server[] = [];
  let proxy: ChildProcess;
  let front: string;
  let log = '';

  beforeAll(async () => {
    const gateway = await listening('gateway');
    const query = await listening('query');
    servers.push(gateway.server, query.server);
    const backends = [
      `backend gateway\n  server one 127.0.0.1:${gateway.port}`,
      `backend query\n  server one 127.0.0.1:${query.port}`,
    ];
    writeFileSync(join(folder, 'backends.cfg'), `${backends.join('\n')}\n`);
    const port = await freePort();
    front = `http://127.0.0.1:${port}`;
    const files = [join(PROXY, 'defaults.cfg'), join(PROXY, 'routes.cfg'), join(folder, 'backends.cfg')];
    proxy = spawn(
      'haproxy',
      files.flatMap((file) => ['-f', file]),
      {
        env: { ...process.env, FRONT_BIND: `127.0.0.1:${port}` },
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    proxy.stdout!.on('data', (chunk) => (log += String(chunk)));
    await answers(front);
  });

  afterAll(async () => {
    proxy.kill('SIGKILL');
    await once(proxy, 'exit');
    for (const server of servers) server.close().closeAllConnections();
    rmSync(folder, { recursive: true });
  });

  it.each(ROUTES)('sends %s %s to %s', async (method, path, stage) => {
    const response = await fetch(`${front}${path}`, { method });
    expect(response.headers.get('X-Stage')).toBe(stage);
  });

  it.each(['/metrics', '/health/ready', '/submissions', '/', '/fhir', '/sourcesx'])('hides %s', async (path) => {
    const response = await fetch(`${front}${path}`);
    expect([response.status, response.headers.get('X-Stage')]).toEqual([404, null]);
    expect(response.headers.get('Content-Type')).toBe('application/problem+json');
    expect(response.headers.get('X-Request-Id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('keeps the id of a request, and gives one to a request without', async () => {
    const given = await fetch(`${front}/ledger/keys`, { headers: { 'X-Request-Id': 'mine' } });
    const made = await fetch(`${front}/ledger/keys`);
    expect(await given.json()).toBe('mine');
    expect(await made.json()).toBe(made.headers.get('X-Request-Id'));
  });

  it('answers for a stage that is gone, and logs nothing of what was asked', async () => {
    await new Promise((resolve) => servers[1].close(resolve).closeAllConnections());
    const ask = (): Promise<Response> => fetch(`${front}/fhir/st-mary/Patient?identifier=urn:mrn%7C4711`);
    // A connection to the stage that breaks while it is used again ends the client's too: that one asks again.
    const response = await ask().catch(ask);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ code: 'transient' }] });
    const deadline = Date.now() + START_DEADLINE_MS;
    while (!log.includes('\n') && Date.now() < deadline) await delay(20);
    expect(JSON.parse(log.split('\n').find((line) => line.includes('"status":503'))!)).toMatchObject({
      backend: 'query',
    });
    expect(log).not.toMatch(/4711|identifier|st-mary/);
  });
});
