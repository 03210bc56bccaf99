import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { migrate, openDataSource, type Connection } from '@chartledger/database';
import { emptyHead, headAfter, link } from '@chartledger/ledger';
import { createLogger } from '@chartledger/platform';
import {
  describeKafka,
  ledgerContract,
  sampleDrafts,
  startTestDatabase,
  startTestKafka,
  type TestDatabase,
  type TestKafka,
} from '@chartledger/testing';
import { type DataSource } from 'typeorm';
import { KafkaLedger } from './kafka-ledger.js';
import { type KafkaOptions } from './kafka-options.js';
import { topicTables } from './topic.tables.js';

/** The contract's tests write to as many. */
const CHAINS = 20;
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
  const ledger = await KafkaLedger.open(source, options, CHAINS, logger);
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
    [kafka, database] = await Promise.all([startTestKafka({ brokers: 1 }), startTestDatabase()]);
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
});
