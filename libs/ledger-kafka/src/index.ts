export { EventPartition, EventTopic, type EventTopicSettings } from './event-topic.js';
export { KafkaLedger } from './kafka-ledger.js';
export {
  type Deadlines,
  type KafkaOptions,
  type KafkaSasl,
  type KafkaTls,
  type TokenRequest,
} from './kafka-options.js';
export { emptyCopy, topicTables } from './topic.tables.js';
export * from './ledger-metrics.js';
export { needsOf, type Need } from './topic.js';
export { encodeHeaders, type BatchRecord } from './record-batch.js';
