import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Kafka, logLevel, type Admin, type KafkaMessage } from 'kafkajs';
import { Pool, type PoolConfig } from 'pg';
import { emptyHead, headAfter, link, type Head, type LinkedEntry } from '@chartledger/ledger';
import { createLogger, Metrics } from '@chartledger/platform';
import {
  describeKafka,
  eventually,
  InMemoryLedger,
  readTopic,
  sampleDrafts,
  startTestDatabase,
  startTestKafka,
  type TestDatabase,
  type TestKafka,
} from '@chartledger/testing';
import { acceptEvent } from './accept-event.js';
import { changeEvent, encodeChangeEvent, EVENT_CONTENT_TYPE, readChangeEvent } from './change-event.js';
import { startChangesPublisher, type ChangesContext } from './changes-publisher.js';

const CHAIN = 1;
const ORIGIN = 'test.local';
const NOW = Date.parse('2024-03-01T08:00:00.000Z');
const logger = createLogger('fatal');

describeKafka('chartledger.changes on a real broker', () => {
  let kafka: TestKafka;
  let database: TestDatabase;
  let pool: Pool;
  let topics = 0;

  beforeAll(async () => {
    [kafka, database] = await Promise.all([startTestKafka({ brokers: 1, proxied: true }), startTestDatabase()]);
    pool = poolOn({ ...database.owner, max: 20 });
  });
  afterAll(async () => {
    await pool?.end();
    await database?.stop();
    await kafka?.stop();
  });

  /** A ledger and a topic of their own; publishers that a test left running are stopped. */
  async function withWorld(work: (world: World) => Promise<void>): Promise<void> {
    const world = new World(kafka, pool, `changes-${++topics}`);
    try {
      await work(world);
    } finally {
      kafka.proxies[0].clear();
      await world.stop();
    }
  }

  it('has each version once, keyed by its record, on the partition of its chain, with the media type', async () => {
    await withWorld(async (world) => {
      await world.append(1, 40, 4);
      await world.append(2, 10);
      await world.start();
      await world.published(50);
      const messages = await consume(kafka, world.topic, 50);
      for (const { partition, message } of messages) {
        const { data, subject } = readChangeEvent(message.value)!;
        expect(partition).toBe(data.chain);
        expect(message.key!.toString()).toBe(subject);
        expect(message.headers!['content-type']!.toString()).toBe(EVENT_CONTENT_TYPE);
      }
      for (const chain of [1, 2]) {
        const values = messages.filter(({ partition }) => partition === chain).map(({ message }) => `${message.value}`);
        expect(values).toEqual(world.expected(chain));
      }
    });
  });

  it('leaves out what was cut short, though a publisher saw it open', async () => {
    await withWorld(async (world) => {
      await world.start();
      const [first, second] = [await world.append(CHAIN, 2, 3, 2), await world.append(CHAIN, 3, 3)];
      await world.published(3);
      expect(first).toHaveLength(2);
      expect(await world.read()).toEqual(world.eventsOf(second, -1));
    });
  });

  it.each(['swallowReply', 'cutAfter', 'cutBefore'] as const)('survives a fault of the way: %s', async (fault) => {
    await withWorld(async (world) => {
      await world.start();
      for (let round = 0; round < 2; round += 1) {
        kafka.proxies[0][fault]();
        await world.append(CHAIN, 5);
        await world.published((round + 1) * 5);
      }
      expect(await world.read()).toEqual(world.expected(CHAIN));
    });
  });

  it('passes over a batch that comes late, when a publisher after it was further', async () => {
    await withWorld(async (world) => {
      const stop = await world.start();
      await world.append(CHAIN, 5);
      await world.published(5);
      const release = kafka.proxies[0].holdRequest();
      await world.append(CHAIN, 5);
      // Another one, which is not held up, and has the lock when the first one is gone.
      await eventually('the second batch is under way', async () => (await world.lag()) > 0);
      await stop();
      await world.start();
      await world.append(CHAIN, 5);
      await world.published(15);
      await release();
      await eventually(
        'the late batch is there',
        async () => (await readTopic(kafka.brokers, world.topic)).length > 15,
      );
      expect(await world.read()).toEqual(world.expected(CHAIN));
    });
  });

  it('goes on where it was killed, wherever that was, and two at once repeat what readers pass over', async () => {
    await withWorld(async (world) => {
      let count = 0;
      for (let round = 0; round < 12; round += 1) {
        count += (await world.append(CHAIN, 300, 3)).length;
        // Each in a database of its own has a lock of its own: nothing keeps them apart.
        const stops = await Promise.all([world.start(), world.start(await world.anotherPool())]);
        if (round % 3 > 0)
          await eventually('some of it is published', async () => (await world.read()).length > count / 2);
        await Promise.all(stops.map((stop) => stop()));
      }
      await world.start();
      await world.published(count);
      expect(await world.read()).toEqual(world.expected(CHAIN));
    });
  });

  it('is published by one of those that share a lock, and by the other when that one stops', async () => {
    await withWorld(async (world) => {
      const stops = [await world.start(), await world.start()];
      await world.append(CHAIN, 100);
      await world.published(100);
      await stops[0]();
      await world.append(CHAIN, 100);
      await world.published(200);
      expect((await readTopic(kafka.brokers, world.topic)).map(({ value }) => value)).toEqual(world.expected(CHAIN));
    });
  });

  it('can be read from any position', async () => {
    await withWorld(async (world) => {
      await world.append(CHAIN, 60, 3);
      await world.start();
      await world.published(60);
      for (const position of [0, 17, 58, 59]) {
        expect(await world.read(position)).toEqual(world.expected(CHAIN).slice(position + 1));
      }
    });
  });

  it.each(['running', 'stopped'])('is made anew, byte for byte, when it is deleted: publisher %s', async (state) => {
    await withWorld(async (world) => {
      const stop = await world.start();
      await world.append(CHAIN, 2_500, 5);
      await world.published(2_500);
      const before = await readTopic(kafka.brokers, world.topic);
      if (state === 'stopped') await stop();
      await administer(kafka, (admin) => admin.deleteTopics({ topics: [world.topic] }));
      if (state === 'stopped') await eventually('a start', () => world.start().catch(() => undefined));
      await world.published(2_500);
      const after = await readTopic(kafka.brokers, world.topic);
      expect(after.map(({ value }) => value)).toEqual(before.map(({ value }) => value));
      expect(after.map(({ value }) => value)).toEqual(world.expected(CHAIN));
    });
  });

  it('goes on where retention removed the beginning, and a reader of the beginning sees that events are missing', async () => {
    await withWorld(async (world) => {
      const stop = await world.start();
      await world.append(CHAIN, 50);
      await world.published(50);
      await stop();
      await administer(kafka, async (admin) => {
        await admin.fetchTopicOffsets(world.topic);
        await admin.deleteTopicRecords({ topic: world.topic, partitions: [{ partition: CHAIN, offset: '30' }] });
      });
      await world.append(CHAIN, 10);
      await world.start();
      const whole = await eventually('the new ones', async () => {
        const records = await readTopic(kafka.brokers, world.topic);
        return records.length === 30 && records;
      });
      const first = readChangeEvent(Buffer.from(whole[0].value))!.data;
      expect([acceptEvent(-1, first), acceptEvent(28, first), acceptEvent(29, first)]).toEqual([
        'ahead',
        'ahead',
        'next',
      ]);
      expect(await world.read(29)).toEqual(world.expected(CHAIN).slice(30));
    });
  });

  it('is refused where it would lose events', async () => {
    await withWorld(async (world) => {
      const configEntries = [{ name: 'cleanup.policy', value: 'compact' }];
      await administer(kafka, (admin) => admin.createTopics({ topics: [{ topic: world.topic, configEntries }] }));
      await expect(world.start()).rejects.toMatchObject({
        code: 'configuration',
        message: expect.stringContaining('cleanup.policy'),
      });
    });
  });

  it('tells how far it lags', async () => {
    await withWorld(async (world) => {
      await world.append(CHAIN, 20);
      await world.start();
      await world.published(20);
      await eventually('no lag', async () =>
        /changes_lag_entries{chain="1"} 0/.test(await world.metrics.registry.metrics()),
      );
    });
  });
});

/** A ledger, its publishers and what they make of it. */
class World {
  readonly ledger = new InMemoryLedger();
  readonly metrics = new Metrics();
  private readonly entries = new Map<number, LinkedEntry[]>();
  private readonly running = new Set<() => Promise<void>>();
  private readonly pools: Pool[] = [];
  private number = 0;
  private isMeasured = false;

  constructor(
    private readonly kafka: TestKafka,
    private readonly pool: Pool,
    readonly topic: string,
  ) {}

  /** Appends submissions of `parts` entries; only the first `kept` of all entries. */
  async append(chain: number, count: number, parts = 1, kept = count): Promise<LinkedEntry[]> {
    const known = this.entries.get(chain) ?? [];
    const head: Head = headAfter(emptyHead(chain), known);
    const whole = Math.ceil(count / parts) * parts;
    const drafts = sampleDrafts(whole, { first: (this.number += 10_000), parts }).slice(0, Math.min(whole, kept));
    const added = link(head, drafts, NOW + known.length);
    expect(await this.ledger.append(head, added)).toBe(true);
    this.entries.set(chain, [...known, ...added]);
    return added;
  }

  /** Starts a publisher; the function returned ends it. */
  async start(pool = this.pool): Promise<() => Promise<void>> {
    const { ledger, topic } = this;
    const kafka: ChangesContext['kafka'] = {
      brokers: this.kafka.brokers,
      topic,
      replicationFactor: 1,
      compression: 'gzip',
    };
    // One registry has a gauge once: of publishers that run side by side, and may start side by side, one is measured.
    const metrics = this.isMeasured ? undefined : this.metrics;
    this.isMeasured = true;
    if (metrics) metrics.registry.removeSingleMetric('chartledger_changes_lag_entries');
    const context = { ledger, pool, chains: [1, 2], kafka, origin: ORIGIN, retentionHours: 24, logger };
    const publisher = await startChangesPublisher({ ...context, metrics });
    const stop = async (): Promise<void> => {
      this.running.delete(stop);
      if (metrics) this.isMeasured = false;
      await publisher.stop();
    };
    this.running.add(stop);
    return stop;
  }

  async anotherPool(): Promise<Pool> {
    const { rows } = await this.pool.query(`select 'other_' || count(*) as name from pg_database`);
    await this.pool.query(`create database ${rows[0].name}`);
    const pool = poolOn({ ...this.pool.options, database: rows[0].name });
    this.pools.push(pool);
    return pool;
  }

  async stop(): Promise<void> {
    for (const stop of this.running) await stop();
    for (const pool of this.pools) await pool.end();
  }

  async lag(): Promise<number> {
    const text = await this.metrics.registry.metrics();
    return Number(/changes_lag_entries{chain="1"} (\d+)/.exec(text)?.[1] ?? 0);
  }

  /** Waits until consumers of all chains have so many events. */
  async published(count: number): Promise<void> {
    await eventually(
      `${count} events`,
      async () => (await this.read(-1, 1)).length + (await this.read(-1, 2)).length === count,
      60_000,
    );
  }

  /** The values that a consumer takes which has everything up to `after`. */
  async read(after = -1, chain = CHAIN): Promise<string[]> {
    const taken: string[] = [];
    let last = after;
    for (const { partition, value } of await readTopic(this.kafka.brokers, this.topic).catch(() => [])) {
      const change = partition === chain && readChangeEvent(Buffer.from(value))?.data;
      if (!change || acceptEvent(last, change) !== 'next') continue;
      taken.push(value);
      last = change.seq;
    }
    return taken;
  }

  expected(chain: number): string[] {
    return this.eventsOf(this.entries.get(chain) ?? [], -1);
  }

  eventsOf(entries: readonly LinkedEntry[], previous: number): string[] {
    return entries.map(
      (entry, at) => `${encodeChangeEvent(changeEvent(entry, entries[at - 1]?.seq ?? previous, ORIGIN))}`,
    );
  }
}

/** A pool's end does not wait until its connections are closed: the stop of the database may come first, and ends them. */
function poolOn(config: PoolConfig): Pool {
  return new Pool(config).on('error', () => undefined);
}

/** As a consumer of others reads: a group of kafkajs. */
async function consume(
  { brokers }: TestKafka,
  topic: string,
  count: number,
): Promise<{ partition: number; message: KafkaMessage }[]> {
  const consumer = new Kafka({ brokers, logLevel: logLevel.NOTHING }).consumer({ groupId: `group-of-${topic}` });
  const read: { partition: number; message: KafkaMessage }[] = [];
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({ eachMessage: async ({ partition, message }) => void read.push({ partition, message }) });
  await eventually(`${count} messages`, () => read.length >= count).finally(() => consumer.disconnect());
  return read;
}

async function administer<T>({ brokers }: TestKafka, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  return work(admin).finally(() => admin.disconnect());
}
