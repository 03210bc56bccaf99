import { randomUUID } from 'node:crypto';
import { type Admin, type EachMessagePayload, Kafka, logLevel } from 'kafkajs';
import { eventually } from './poll.js';

/** Long enough for a busy machine; a read that gets there has failed. */
const READ_MS = 60_000;

export interface TopicOptions {
  /** 1 by default: the cluster's own number of replicas, and one partition. */
  partitions?: number;
}

export interface ReadMessage {
  partition: number;
  offset: string;
  value: string;
}

/** The consumer's disconnect waits for the fetch under way, which waits this long for more. */
const FETCH_WAIT_MS = 50;
/** A new cluster says for a moment that it has no coordinator, or that the topic it has just made is unknown. */
const RETRY = { retries: 100, initialRetryTime: 50, maxRetryTime: 200 };

/** Makes a topic as the ledger would have it, and waits until its partitions have leaders. */
export async function createTopic(
  brokers: string[],
  topic: string,
  { partitions = 1 }: TopicOptions = {},
): Promise<void> {
  const configEntries = [
    { name: 'retention.ms', value: '-1' },
    { name: 'max.message.bytes', value: '16777216' },
  ];
  await withAdmin(brokers, (admin) =>
    admin.createTopics({ topics: [{ topic, numPartitions: partitions, replicationFactor: -1, configEntries }] }),
  );
}

/**
 * Everything that a topic holds now, by partition and offset, read by a client of its own that knows nothing of what was
 * sent. What a transaction aborted is left out. The last message must not be a transaction's: its marker counts as an offset.
 */
export async function readTopic(brokers: string[], topic: string): Promise<ReadMessage[]> {
  const ends = await withAdmin(brokers, (admin) => admin.fetchTopicOffsets(topic));
  const awaited = new Set(ends.filter(({ high }) => high !== '0').map(({ partition }) => partition));
  const last = new Map(ends.map(({ partition, high }) => [partition, BigInt(high) - 1n]));
  const read: ReadMessage[] = [];
  if (awaited.size === 0) return read;
  const consumer = client(brokers).consumer({
    groupId: `read-${randomUUID()}`,
    maxWaitTimeInMs: FETCH_WAIT_MS,
    retry: RETRY,
  });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const eachMessage = async ({ partition, message }: EachMessagePayload): Promise<void> => {
    const beyond = BigInt(message.offset) - last.get(partition)!;
    if (beyond <= 0n) read.push({ partition, offset: message.offset, value: message.value?.toString('utf8') ?? '' });
    if (beyond >= 0n) awaited.delete(partition);
  };
  try {
    await consumer.run({ eachMessage });
    await eventually(`the end of topic ${topic}`, () => awaited.size === 0, READ_MS);
  } finally {
    await consumer.disconnect();
  }
  return read.sort((a, b) => a.partition - b.partition || Number(BigInt(a.offset) - BigInt(b.offset)));
}

async function withAdmin<T>(brokers: string[], work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = client(brokers).admin({ retry: RETRY });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

function client(brokers: string[]): Kafka {
  return new Kafka({ brokers, logLevel: logLevel.NOTHING });
}
