import { afterEach, expect, it } from '@jest/globals';
import { registerSource, startTestServer, type TestServer } from '@chartledger/testing';
import { cli } from './cli.js';
import { count } from './kafka-counts.js';
import { changesOf, ruledPairs, SOURCES, type Ruled } from './patients-traffic.js';
import { PersonsChecks } from './persons-checks.js';
import { random, SEED } from './random.js';

/**
 * Kill -9 at any moment while Patients come, change and go, and stewards decide: every Patient is matched, no record is ever
 * of two persons, and what a steward was told is decided stands once. In the end the persons are those of a server that was
 * never disturbed, and of a view that is built anew.
 */

const KILLS = 5;
const WRITERS = 4;
const CHANGES = 150;
const RECORDS = 40;

const servers: TestServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.remove();
});

async function openServer(): Promise<TestServer> {
  const server = await startTestServer();
  servers.push(server);
  for (const name of SOURCES) await registerSource(server.url, { name });
  return server;
}

it(`kill -9 of a server that matches leaves persons whole (seed ${SEED})`, async () => {
  const next = random(SEED);
  const changes = changesOf(next, CHANGES, RECORDS);
  const ruled = ruledPairs();
  const server = await openServer();
  for (const { one, other } of ruled)
    for (const change of [one, other]) expect(await new PersonsChecks(server.url).send(change)).toBe(201);

  const decided = new Set<Ruled>();
  let at = 0;
  for (let kill = 0; kill < KILLS; kill += 1) {
    const checks = new PersonsChecks(server.url);
    const until = Math.ceil(((kill + 1) * changes.length) / KILLS);
    const killAt = at + 1 + Math.floor(next() * (until - at - WRITERS));
    let killed: Promise<unknown> | undefined;
    const writer = async (): Promise<void> => {
      while (!killed && at < until) {
        const sent = at++;
        const answer = checks.send(changes[sent]);
        // While the answer is under way, and others' too.
        if (sent >= killAt) killed ??= server.kill();
        const status = await answer.catch(() => undefined);
        if (status === undefined) return;
        // A record that is not there cannot be deleted.
        expect([200, 201, 204, 404, 410]).toContain(status);
      }
    };
    const waiting = ruled.slice(0, Math.ceil(((kill + 1) * ruled.length) / KILLS));
    const steward = async (): Promise<void> => {
      for (const one of waiting) {
        if (killed) return;
        if (decided.has(one)) continue;
        const status = await checks.decide(one).catch((error: unknown) => {
          if (killed) return undefined;
          throw error;
        });
        if (status === 201) decided.add(one);
      }
    };
    await Promise.all([...Array.from({ length: WRITERS }, writer), steward()]);
    await (killed ?? server.kill());
    count('matching server killed');
    await server.restart();
    await holds(server, ruled, decided);
  }

  const checks = new PersonsChecks(server.url);
  for (const one of ruled) if (!decided.has(one)) expect(await checks.decide(one)).toBe(201);
  await holds(server, ruled, new Set(ruled));
  expect(await checks.neverTwoPersons()).toBeGreaterThan(RECORDS);
  const persons = await checks.persons();

  const undisturbed = await openServer();
  const others = new PersonsChecks(undisturbed.url);
  for (const [name, body] of await checks.patients()) {
    const [source, , id] = name.split('/');
    expect(await others.send({ source, id, body })).toBe(201);
  }
  for (const one of ruled) expect(await others.decide(one)).toBe(201);
  expect(await checks.partition()).toEqual(await others.partition());

  await server.stop();
  expect(await cli(server.dataDir, 'rebuild', 'persons')).toMatchObject({ code: 0 });
  await server.restart();
  expect(await new PersonsChecks(server.url).persons()).toEqual(persons);
}, 300_000);

/** A decision that was not acknowledged may have been made all the same: then it is as one that was. */
async function holds(server: TestServer, ruled: readonly Ruled[], decided: Set<Ruled>): Promise<void> {
  const checks = new PersonsChecks(server.url);
  await checks.everyoneIsMatched();
  for (const one of ruled) {
    const times = await checks.timesDecided(one);
    if (decided.has(one)) expect({ reason: one.reason, times }).toEqual({ reason: one.reason, times: 1 });
    else if (times > 0) decided.add(one);
    if (decided.has(one)) await checks.stands(one);
  }
}
