import { type Connection } from '@chartledger/database';
import { type TestDatabase } from './test-database.js';
import { type ReadMessage, type TopicOptions } from './kafka-topic.js';
import { type TestKafka, type TestKafkaOptions } from './test-kafka.js';
import { type StagesOptions, type TestStages } from './test-stages.js';

export * from './any-envelope.js';
export * from './describe-kafka.js';
export * from './http.js';
export * from './in-memory-ledger.js';
export * from './kafka-proxy.js';
export * from './ledger-contract.js';
export * from './poll.js';
export * from './processes.js';
export * from './sample-chain.js';
export * from './shared-folder.js';
export * from './temporary-folder.js';
export * from './test-server.js';
export { type TestDatabase } from './test-database.js';
export { type ReadMessage, type TopicOptions } from './kafka-topic.js';
export { type TestKafka, type TestKafkaOptions } from './test-kafka.js';
export { type Asked, type LedgerStore, type OpenLedger, type StagesOptions, type TestStages } from './test-stages.js';

// Loaded on use: most specs that come here need no database, and its libraries take longer to load than the specs to run.

/** See `test-database.ts`. */
export async function startTestDatabase(): Promise<TestDatabase> {
  return (await import('./test-database.js')).startTestDatabase();
}

/** See `test-database.ts`. */
export async function ownerQuery(connection: Connection, text: string): Promise<Record<string, unknown>[]> {
  return (await import('./test-database.js')).ownerQuery(connection, text);
}

/** See `test-stages.ts`. */
export async function openStages(
  connection: Connection,
  dataDir: string,
  options?: StagesOptions,
): Promise<TestStages> {
  return (await import('./test-stages.js')).openStages(connection, dataDir, options);
}

/** See `test-kafka.ts`. */
export async function startTestKafka(options: TestKafkaOptions): Promise<TestKafka> {
  return (await import('./test-kafka.js')).startTestKafka(options);
}

/** See `kafka-topic.ts`. */
export async function createTopic(brokers: string[], topic: string, options?: TopicOptions): Promise<void> {
  return (await import('./kafka-topic.js')).createTopic(brokers, topic, options);
}

/** See `kafka-topic.ts`. */
export async function readTopic(brokers: string[], topic: string): Promise<ReadMessage[]> {
  return (await import('./kafka-topic.js')).readTopic(brokers, topic);
}
