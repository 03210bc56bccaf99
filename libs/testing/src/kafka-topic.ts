import { randomUUID } from 'node:crypto';
import { type Admin, Kafka, logLevel } from 'kafkajs';

export interface TopicOptions {
  /** 1 by default: the cluster's own number of replicas, and one partition. */
  partitions?: number;
}

export interface ReadMessage {
  partition: number;
  offset: string;
  value: string;
}

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
 * sent. Not for topics with transactions: their markers count as offsets.
 */
export async function readTopic(brokers: string[], topic: string): Promise<ReadMessage[]> {
  const ends = await withAdmin(brokers, (admin) => admin.fetchTopicOffsets(topic));
  const awaited = new Set(ends.filter(({ high }) => high !== '0').map(({ partition }) => partition));
  const last = new Map(ends.map(({ partition, high }) => [partition, BigInt(high) - 1n]));
  const read: ReadMessage[] = [];
  if (awaited.size === 0) return read;
  const consumer = client(brokers).consumer({ groupId: `read-${randomUUID()}`, retry: RETRY });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    const eachMessage = async ({ partition, message }: Delivered): Promise<void> => {
      if (BigInt(message.offset) > last.get(partition)!) return;
      read.push({ partition, offset: message.offset, value: message.value?.toString('utf8') ?? '' });
      if (BigInt(message.offset) === last.get(partition)) awaited.delete(partition);
      if (awaited.size === 0) resolve();
    };
    consumer.run({ eachMessage }).catch(reject);
  });
  await consumer.disconnect();
  return read.sort((a, b) => a.partition - b.partition || Number(BigInt(a.offset) - BigInt(b.offset)));
}

interface Delivered {
  partition: number;
  message: { offset: string; value: Buffer | null };
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
