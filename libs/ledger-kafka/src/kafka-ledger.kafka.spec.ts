import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { migrate, openDataSource, type Connection } from '@chartledger/database';
import { emptyHead, headAfter, link, sha256, type Head, type LinkedEntry, type StoredEntry } from '@chartledger/ledger';
import { createLogger } from '@chartledger/platform';
import {
  describeKafka,
  eventually,
  ledgerContract,
  ownerQuery,
  sampleDrafts,
  startTestDatabase,
  startTestKafka,
  type TestDatabase,
  type TestKafka,
} from '@chartledger/testing';
import { Kafka, logLevel, type Admin } from 'kafkajs';
import { type DataSource } from 'typeorm';
import { KafkaLedger } from './kafka-ledger.js';
import { type KafkaOptions } from './kafka-options.js';
import { emptyCopy, topicTables } from './topic.tables.js';

/** The contract's tests write to as many. */
const CHAINS = 20;
const CHAIN = 1;
const NOW = Date.parse('2024-03-01T08:00:00.000Z');
const MEBIBYTE = 1024 * 1024;
const logger = createLogger('fatal');

let topics = 0;

function freshTopic({ brokers }: TestKafka): KafkaOptions {
  return { brokers, topic: `ledger-${++topics}`, replicationFactor: 1, compression: 'none' };
}

async function freshDatabase(database: TestDatabase): Promise<Connection> {
  const connection = await database.another();
  await migrate(connection, topicTables);
  return connection;
}

/** A handle on a ledger, with connections of its own as another process would have. */
async function openHandle(
  connection: Connection,
  options: KafkaOptions,
): Promise<{ ledger: KafkaLedger; close(): Promise<void> }> {
  const source: DataSource = await openDataSource(connection, topicTables);
  const ledger = await KafkaLedger.open(source, options, CHAINS, logger).catch(async (error: Error) => {
    await source.destroy();
    throw error;
  });
  return {
    ledger,
    close: async () => {
      await ledger.close();
      await source.destroy();
    },
  };
}

describeKafka('over a Kafka topic', () => {
  let kafka: TestKafka;
  let database: TestDatabase;

  beforeAll(async () => {
    [kafka, database] = await Promise.all([startTestKafka({ brokers: 1, proxied: true }), startTestDatabase()]);
  });
  afterAll(async () => {
    await kafka?.stop();
    await database?.stop();
  });

  ledgerContract('KafkaLedger', async () => {
    const connection = await freshDatabase(database);
    const options = freshTopic(kafka);
    const handles = [await openHandle(connection, options), await openHandle(connection, options)];
    return {
      ledger: handles[0].ledger,
      another: handles[1].ledger,
      close: async () => {
        for (const handle of handles) await handle.close();
      },
    };
  });

  /** One handle on a topic of its own, closed after the test whatever comes of it. */
  async function withLedger(
    work: (ledger: KafkaLedger, world: { connection: Connection; options: KafkaOptions }) => Promise<void>,
  ): Promise<void> {
    const world = { connection: await freshDatabase(database), options: freshTopic(kafka) };
    const handle = await openHandle(world.connection, world.options);
    try {
      await work(handle.ledger, world);
    } finally {
      kafka.proxies[0].clear();
      await handle.close();
    }
  }

  /** With a client of its own, which knows nothing of the ledger's. */
  async function administer<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = new Kafka({ brokers: kafka.brokers, logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    try {
      return await work(admin);
    } finally {
      await admin.disconnect();
    }
  }

  describe('a fault between writer and broker', () => {
    it.each(['swallowReply', 'cutAfter', 'cutBefore'] as const)(
      'loses nothing and repeats nothing: %s',
      async (fault) => {
        await withLedger(async (ledger) => {
          const first = await append(ledger, 3, 0);
          kafka.proxies[0][fault]();
          const second = await append(ledger, 3, 3);
          // As many as before: what the producer of kafkajs acknowledges now and never writes.
          const third = await append(ledger, 3, 6);
          await expectChain(ledger, [...first, ...second, ...third]);
          expect(await ledger.rejects(CHAIN)).toBe(0);
        });
      },
    );

    it('makes a reject of a request that comes late', async () => {
      await withLedger(async (ledger) => {
        const first = await append(ledger, 2, 0);
        const release = kafka.proxies[0].holdRequest();
        const second = await append(ledger, 2, 2);
        const third = await append(ledger, 1, 4);
        await release();
        await expectChain(ledger, [...first, ...second, ...third]);
        expect(await ledger.rejects(CHAIN)).toBe(2);
        expect(await ledger.rejectsOfOpen()).toEqual(new Map([[CHAIN, 2]]));
      });
    });
  });

  describe('writers', () => {
    it('that append to the same head at once: one wins, one wrote nothing', async () => {
      await withLedger(async (ledger, { connection, options }) => {
        const other = await openHandle(connection, options);
        const candidates = [0, 10].map((first) => link(emptyHead(CHAIN), sampleDrafts(4, { first }), NOW));
        const won = await Promise.all([
          ledger.append(emptyHead(CHAIN), candidates[0]),
          other.ledger.append(emptyHead(CHAIN), candidates[1]),
        ]);
        expect(won.filter(Boolean)).toHaveLength(1);
        await expectChain(ledger, candidates[won.indexOf(true)]);
        await expectChain(other.ledger, candidates[won.indexOf(true)]);
        await other.close();
      });
    });

    it('are not held up by a stray record or by a transaction that does not end', async () => {
      await withLedger(async (ledger, { options }) => {
        const producer = new Kafka({ brokers: kafka.brokers, logLevel: logLevel.NOTHING }).producer({
          transactionalId: options.topic,
        });
        await producer.connect();
        const transaction = await producer.transaction();
        const messages = [{ value: 'stray', partition: CHAIN }];
        await transaction.send({ topic: options.topic, messages });
        await expectChain(ledger, await append(ledger, 2, 0));
        expect(await ledger.rejects(CHAIN)).toBe(1);
        await transaction.abort();
        await producer.disconnect();
      });
    });

    it('split what is too large for one send', async () => {
      await withLedger(async (ledger) => {
        const entries = await append(ledger, 3, 0, 6 * MEBIBYTE);
        await expectChain(ledger, entries);
      });
    });

    it('may compress, each as it likes', async () => {
      await withLedger(async (ledger, { connection, options }) => {
        const other = await openHandle(connection, { ...options, compression: 'gzip' });
        const entries = [...(await append(other.ledger, 30, 0)), ...(await append(ledger, 30, 30))];
        await expectChain(ledger, entries);
        await expectChain(other.ledger, entries);
        await other.close();
      });
    });

    it('are told what is too large for a record', async () => {
      await withLedger(async (ledger) => {
        const entries = link(emptyHead(CHAIN), sampleDrafts(1, { payloadBytes: 16 * MEBIBYTE }), NOW);
        await expect(ledger.append(emptyHead(CHAIN), entries)).rejects.toMatchObject({ code: 'too-long', status: 413 });
        expect((await ledger.head(CHAIN)).seq).toBe(-1);
        await append(ledger, 1, 0, 15 * MEBIBYTE);
      });
    });
  });

  describe('a process that comes later', () => {
    it('finds everything, and the copy', async () => {
      await withLedger(async (ledger, { connection, options }) => {
        const entries = await append(ledger, 2_000, 0);
        await copied(connection, 2_000);
        const later = await openHandle(connection, options);
        expect(await later.ledger.head(CHAIN)).toEqual(headAfter(emptyHead(CHAIN), entries));
        await expectChain(later.ledger, entries);
        const [read] = await later.ledger.get(CHAIN, [17]);
        expect(read!.payload.equals(entries[17].payload)).toBe(true);
        await later.close();
      });
    });

    it('reads the topic itself from any entry', async () => {
      await withLedger(async (ledger) => {
        const entries = await append(ledger, 50, 0);
        expect(await seqs(ledger.readTopic(CHAIN, 0))).toEqual(entries.map(({ seq }) => seq));
        expect(await seqs(ledger.readTopic(CHAIN, 20, 30))).toEqual(entries.slice(20, 30).map(({ seq }) => seq));
      });
    });

    it('fills the copy again from the topic', async () => {
      await withLedger(async (ledger, { connection, options }) => {
        const entries = await append(ledger, 500, 0);
        await copied(connection, 500);
        await ledger.close();
        await emptyCopy(connection);
        const later = await openHandle(connection, options);
        await expectChain(later.ledger, entries);
        await copied(connection, 500);
        await later.close();
      });
    });
  });

  describe('a topic that lost what was acknowledged', () => {
    const losses: [string, (admin: Admin, topic: string) => Promise<unknown>][] = [
      ['was deleted', (admin, topic) => admin.deleteTopics({ topics: [topic] })],
      [
        'had records deleted',
        async (admin, topic) => {
          // It deletes nothing of a topic that it was not asked about before; a busy broker leads a new one a moment later.
          const asked = (): Promise<boolean> => admin.fetchTopicOffsets(topic).then(Boolean, () => false);
          await eventually('the broker leads every partition', asked);
          await admin.deleteTopicRecords({ topic, partitions: [{ partition: CHAIN, offset: '-1' }] });
        },
      ],
    ];

    it.each(losses)('is an IntegrityError where it %s', async (_what, lose) => {
      await withLedger(async (ledger, { connection, options }) => {
        await append(ledger, 5, 0);
        await copied(connection, 5);
        await ledger.close();
        await administer((admin) => lose(admin, options.topic));
        await expect(openHandle(connection, options)).rejects.toMatchObject({
          code: 'integrity',
          message: expect.stringContaining(`chain ${CHAIN}`),
        });
      });
    });

    it('stops who has it open', async () => {
      await withLedger(async (ledger, { options }) => {
        await append(ledger, 5, 0);
        await administer(async (admin) => {
          await admin.deleteTopics({ topics: [options.topic] });
          const topic = { topic: options.topic, numPartitions: CHAINS + 1 };
          await eventually('the topic is made anew', () =>
            admin.createTopics({ waitForLeaders: false, topics: [topic] }).catch(() => false),
          );
        });
        await expect(ledger.head(CHAIN)).rejects.toMatchObject({ code: 'integrity' });
        await expect(ledger.append(emptyHead(CHAIN), [])).rejects.toMatchObject({ code: 'integrity' });
      });
    });

    it('is an IntegrityError where another history stands in its place', async () => {
      await withLedger(async (ledger, { connection, options }) => {
        await append(ledger, 5, 0);
        await copied(connection, 5);
        await withLedger(async (another, { options: replaced }) => {
          await append(another, 5, 100);
          await expect(openHandle(connection, replaced)).rejects.toMatchObject({ code: 'integrity' });
        });
        expect((await openAndClose(connection, options)).seq).toBe(4);
      });
    });
  });

  describe('a topic that is there already', () => {
    it.each([
      ['retention.ms', '604800000'],
      ['cleanup.policy', 'compact'],
      ['unclean.leader.election.enable', 'true'],
      ['max.message.bytes', '1048588'],
    ])('is refused where it would lose data: %s=%s', async (name, value) => {
      const options = freshTopic(kafka);
      const topic = { topic: options.topic, numPartitions: CHAINS + 1, configEntries: [{ name, value }] };
      await administer((admin) => admin.createTopics({ waitForLeaders: false, topics: [topic] }));
      await expect(openHandle(await freshDatabase(database), options)).rejects.toMatchObject({
        code: 'configuration',
        message: expect.stringContaining(`${name} of topic ${options.topic} is ${value}`),
      });
    });
  });
});

async function append(ledger: KafkaLedger, count: number, first: number, payloadBytes = 40): Promise<LinkedEntry[]> {
  const head = await ledger.head(CHAIN);
  const entries = link(head, sampleDrafts(count, { first, payloadBytes }), NOW);
  expect(await ledger.append(head, entries)).toBe(true);
  return entries;
}

/** What the ledger reads, and what a fold of the topic from its beginning gives. */
async function expectChain(ledger: KafkaLedger, entries: readonly LinkedEntry[]): Promise<void> {
  const expected = entries.map(shown);
  for (const reading of [ledger.read(CHAIN, 0), ledger.readTopic(CHAIN, 0)]) {
    const read: string[] = [];
    for await (const batch of reading) read.push(...batch.map(shown));
    expect(read).toEqual(expected);
  }
}

async function seqs(reading: AsyncIterable<StoredEntry[]>): Promise<number[]> {
  const read: number[] = [];
  for await (const batch of reading) read.push(...batch.map(({ seq }) => seq));
  return read;
}

function shown({ seq, envelope, payload }: StoredEntry): string {
  return `${seq} ${envelope.toString()} ${sha256(payload).toString('hex')}`;
}

/** Waits until the copy has so many entries. */
async function copied(connection: Connection, count: number): Promise<void> {
  await eventually(`a copy of ${count} entries`, async () => {
    const [row] = await ownerQuery(connection, 'select count(*)::int4 as count from topic.entry');
    return row.count === count;
  });
}

async function openAndClose(connection: Connection, options: KafkaOptions): Promise<Head> {
  const handle = await openHandle(connection, options);
  try {
    return await handle.ledger.head(CHAIN);
  } finally {
    await handle.close();
  }
}
