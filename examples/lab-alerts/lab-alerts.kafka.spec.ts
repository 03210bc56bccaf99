import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Kafka, logLevel } from 'kafkajs';
import { type DataSource } from 'typeorm';
import { startChangesPublisher, type ChangesPublisher } from '@chartledger/changes';
import { openDataSource, poolOf } from '@chartledger/database';
import { EmbeddedLedger, ledgerTables } from '@chartledger/ledger-embedded';
import { createLogger } from '@chartledger/platform';
import {
  describeKafka,
  eventually,
  ownerQuery,
  readTopic,
  registerSource,
  startTestDatabase,
  startTestKafka,
  startTestServer,
  type FhirHttp,
  type TestDatabase,
  type TestKafka,
  type TestServer,
} from '@chartledger/testing';
import { type ChangeEvent } from './src/changes.js';

const MAIN = resolve('dist/examples/lab-alerts/src/main.js');
const CHANGES = 'chartledger.changes';
const ALERTS = 'example.lab-alerts';
const LOINC = 'http://loinc.org';

interface AlertEvent {
  id: string;
  subject: string;
  data: { number: number; code: string; bound: string };
}

describeKafka('the example of a pipeline', () => {
  let kafka: TestKafka;
  let database: TestDatabase;
  let server: TestServer;
  let source: DataSource;
  let ledger: EmbeddedLedger;
  let publisher: ChangesPublisher;
  let fhir: FhirHttp;
  let databaseUrl: string;
  const children = new Set<ChildProcess>();

  beforeAll(async () => {
    [kafka, database] = await Promise.all([startTestKafka({ brokers: 1 }), startTestDatabase()]);
    const { host, port, user, password, database: name } = database.owner as Record<string, string>;
    databaseUrl = `postgres://${user}:${password}@${host}:${port}/${name}`;
    server = await startTestServer({ DATABASE_URL: databaseUrl });
    fhir = await registerSource(server.url, { name: 'st-mary' });
    // As the projector does it: another process than the one that appends.
    source = await openDataSource(database.owner, ledgerTables);
    ledger = await EmbeddedLedger.open(source);
    publisher = await startChangesPublisher({
      ledger,
      pool: poolOf(source),
      chains: [1],
      kafka: { brokers: kafka.brokers, topic: CHANGES, replicationFactor: 1, compression: 'gzip' },
      origin: 'chartledger.local',
      retentionHours: 24,
      logger: createLogger('fatal'),
    });
  });
  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL');
    await publisher?.stop();
    await ledger?.close();
    await source?.destroy();
    await server?.remove();
    await database?.stop();
    await kafka?.stop();
  });

  /** Starts the service as an operator would; resolves when it serves. */
  async function startService(): Promise<ChildProcess> {
    const env = {
      PATH: '',
      KAFKA_BROKERS: kafka.brokers.join(','),
      FHIR_URL: `${server.url}/fhir`,
      DATABASE_URL: databaseUrl,
    };
    const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    children.add(child);
    child.once('exit', () => children.delete(child));
    await Promise.race([
      once(child.stdout, 'data'),
      once(child, 'exit').then(() => Promise.reject(new Error('the service ended: run npm run build first'))),
    ]);
    return child;
  }

  async function kill(child: ChildProcess): Promise<void> {
    const ended = child.exitCode !== null ? undefined : once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  /** Sends results; returns the positions of those beyond the limit. */
  async function send(count: number, prefix: string): Promise<string[]> {
    const critical: string[] = [];
    for (let at = 0; at < count; at += 1) {
      const value = at % 3 === 0 ? 6.9 : 4.2;
      const answer = await fhir.put(`Observation/${prefix}-${at}`, {
        resourceType: 'Observation',
        id: `${prefix}-${at}`,
        status: 'final',
        code: { coding: [{ system: LOINC, code: '2823-3' }] },
        valueQuantity: { value, unit: 'mmol/L', system: 'http://unitsofmeasure.org', code: 'mmol/L' },
      });
      if (value > 6.5) critical.push(answer.headers.get('chartledger-position')!);
    }
    return critical;
  }

  async function alertsInTopic(): Promise<AlertEvent[]> {
    return (await readTopic(kafka.brokers, ALERTS)).map(({ value }) => JSON.parse(value) as AlertEvent);
  }

  const alertsInTable = (): Promise<Record<string, unknown>[]> =>
    ownerQuery(database.owner, 'select id, number::int4 as number from lab_alerts.alert order by chain, number');

  it('alerts of each critical result once, in its table and in its topic, however often it is killed', async () => {
    const seed = Date.now() % 1000;
    console.log(`kills after pauses of seed ${seed}`);
    const critical: string[] = [];
    for (let round = 0; round < 6; round += 1) {
      const service = await startService();
      critical.push(...(await send(30, `r${round}`)));
      // Most rounds let it come further: to new alerts in the table, or in the topic.
      const known = round * 10 - 5;
      if (round % 3 === 1) await eventually('some alerts', async () => (await alertsInTable()).length > known);
      if (round % 3 === 2) await eventually('some events', async () => (await alertsInTopic()).length > known);
      await delay((seed * (round + 1)) % 97);
      await kill(service);
    }
    await startService();
    await eventually('all alerts', async () => (await alertsInTopic()).length >= critical.length, 60_000);
    const table = await alertsInTable();
    expect(table.map(({ id }) => id)).toEqual(critical);
    expect(table.map(({ number }) => number)).toEqual(critical.map((_, at) => at + 1));
    const topic = await alertsInTopic();
    expect(topic.map(({ id, data }) => [id, data.number])).toEqual(table.map(({ id, number }) => [id, number]));
    // What others learn: the record's pseudonym, by which it is found among the changes, and no id of anybody's.
    const changes = (await readTopic(kafka.brokers, CHANGES)).map(({ value }) => JSON.parse(value) as ChangeEvent);
    const records = new Map(changes.map(({ id, data }) => [id, data.record]));
    expect(topic.map(({ subject }) => subject)).toEqual(critical.map((id) => records.get(id)));
    expect(JSON.stringify([topic, changes])).not.toMatch(/r\d-\d/);
  });

  it('writes its topic anew when that was deleted, and its view when both are gone', async () => {
    for (const child of children) await kill(child);
    const before = await alertsInTopic();
    const table = await alertsInTable();
    const admin = new Kafka({ brokers: kafka.brokers, logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    await admin.deleteTopics({ topics: [ALERTS] });
    const again = await eventually('a start', () => startService().catch(() => undefined));
    await eventually('all alerts', async () => (await alertsInTopic()).length === before.length);
    expect(await alertsInTopic()).toEqual(before);

    await kill(again);
    await admin.deleteTopics({ topics: [ALERTS] });
    await ownerQuery(database.owner, 'drop schema lab_alerts cascade');
    await eventually('the group has no member', () => admin.deleteGroups([ALERTS]).catch(() => false), 60_000);
    await admin.disconnect();
    await eventually('a start', () => startService().catch(() => undefined));
    await eventually('all alerts', async () => (await alertsInTopic()).length === before.length, 60_000);
    expect(await alertsInTopic()).toEqual(before);
    expect(await alertsInTable()).toEqual(table);
  });
});
