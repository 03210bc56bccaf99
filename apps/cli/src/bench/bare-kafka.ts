import { randomBytes } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';

const TOPIC = 'chartledger.bench-bare';
/** Of an entry of the bench: the payload and its envelope. */
const VALUE_BYTES = 2048 + 700;

/**
 * What the client library makes of the same batches by itself: its own producer, acks of all replicas, one send at a time
 * of all that waits, no reading back. Messages a second.
 */
export async function bareSends(
  brokers: string,
  { clients, batch, entries }: { clients: number; batch: number; entries: number },
): Promise<number> {
  const kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: 1 }] });
  await admin.disconnect();
  const producer = kafka.producer({ idempotent: true });
  await producer.connect();
  const value = randomBytes(VALUE_BYTES);
  const messages = Array.from({ length: (clients * batch) / 2 }, () => ({ key: 'bench', value, partition: 0 }));
  await producer.send({ topic: TOPIC, acks: -1, messages });
  const startedMs = performance.now();
  let sent = 0;
  for (; sent < entries; sent += messages.length) await producer.send({ topic: TOPIC, acks: -1, messages });
  const seconds = (performance.now() - startedMs) / 1000;
  await producer.disconnect();
  return Math.round(sent / seconds);
}
