import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { Kafka, logLevel, type Producer, type ProducerConfig, type RecordMetadata } from 'kafkajs';
import {
  createTopic,
  describeKafka,
  type KafkaProxy,
  readTopic,
  startTestKafka,
  type TestKafka,
} from '@chartledger/testing';

const REQUEST_TIMEOUT_MS = 1_000;
/** The fewest that kafkajs lets an idempotent producer have. */
const RETRIES = 1;
const TRIES = RETRIES + 1;

/**
 * What the bare client does when the answers to one send are lost. These are faults of kafkajs 2.2.4, shown so that it is
 * known why the ledger's writer is built as it is: one send outstanding, after any error a new producer, and what counts
 * is what is read back. Where one of these fails because the client was mended, that rule can be looked at again.
 */
describeKafka('kafkajs, when the answers to a send are lost', () => {
  let kafka: TestKafka;
  let proxy: KafkaProxy;
  let topic: string;
  let count = 0;

  beforeAll(async () => {
    kafka = await startTestKafka({ brokers: 1, proxied: true });
    proxy = kafka.proxies[0];
  });
  afterAll(() => kafka.stop());
  beforeEach(async () => {
    proxy.clear();
    topic = `topic-${++count}`;
    await createTopic(kafka.brokers, topic);
  });

  const send = (producer: Producer, ...values: string[]): Promise<RecordMetadata[]> =>
    producer.send({ topic, acks: -1, messages: values.map((value) => ({ partition: 0, value })) });
  const log = async (): Promise<string[]> => (await readTopic(kafka.brokers, topic)).map(({ value }) => value);

  /** A send of which the broker wrote one copy, and of which the client says that it failed. */
  const sendUnanswered = async (producer: Producer, value: string): Promise<void> => {
    proxy.swallowReply(TRIES);
    await expect(send(producer, value)).rejects.toThrow('timed out');
  };

  it('acknowledges the next send of the same length and never writes it', async () => {
    const producer = await connected(kafka, { idempotent: true });
    await send(producer, 'zero');
    await sendUnanswered(producer, 'one');
    const [acknowledged] = await send(producer, 'two');
    // The offset is that of the send which failed.
    expect(acknowledged).toMatchObject({ errorCode: 0, baseOffset: '1' });
    expect(await log()).toEqual(['zero', 'one']);
    await producer.disconnect();
  });

  it('does so after disconnect and connect of the same producer', async () => {
    const producer = await connected(kafka, { idempotent: true });
    await send(producer, 'zero');
    await sendUnanswered(producer, 'one');
    await producer.disconnect();
    await producer.connect();
    await send(producer, 'two');
    expect(await log()).toEqual(['zero', 'one']);
    await producer.disconnect();
  });

  it('commits the next transaction on the same producer without its message', async () => {
    const producer = await connected(kafka, { idempotent: true, transactionalId: topic });
    const failed = await producer.transaction();
    proxy.swallowReply(TRIES);
    await expect(failed.send({ topic, acks: -1, messages: [{ partition: 0, value: 'one' }] })).rejects.toThrow(
      'timed out',
    );
    await failed.abort();
    const next = await producer.transaction();
    const [acknowledged] = await next.send({ topic, acks: -1, messages: [{ partition: 0, value: 'two' }] });
    await next.commit();
    expect(acknowledged).toMatchObject({ errorCode: 0, baseOffset: '0' });
    await producer.disconnect();
    const another = await connected(kafka, { idempotent: false });
    await send(another, 'end');
    expect(await log()).toEqual(['end']);
    await another.disconnect();
  });

  it('loses one of two sends at once and writes the other twice', async () => {
    const producer = await connected(kafka, { idempotent: true });
    await send(producer, 'zero');
    proxy.swallowReply();
    await Promise.all([send(producer, 'one'), send(producer, 'two')]);
    const [zero, ...written] = await log();
    expect(zero).toBe('zero');
    expect(written).toHaveLength(2);
    expect(new Set(written).size).toBe(1);
    await producer.disconnect();
  });

  it('refuses the next send of another length', async () => {
    const producer = await connected(kafka, { idempotent: true });
    await send(producer, 'zero');
    await sendUnanswered(producer, 'one');
    await expect(send(producer, 'two', 'three')).rejects.toThrow('out of order sequence number');
    expect(await log()).toEqual(['zero', 'one']);
    await producer.disconnect();
  });

  it('writes twice without idempotence', async () => {
    const producer = await connected(kafka, { idempotent: false });
    proxy.swallowReply();
    await send(producer, 'one');
    expect(await log()).toEqual(['one', 'one']);
    await producer.disconnect();
  });

  it('is right again with a new producer', async () => {
    const producer = await connected(kafka, { idempotent: true });
    await sendUnanswered(producer, 'one');
    await producer.disconnect();
    const another = await connected(kafka, { idempotent: true });
    await send(another, 'two');
    expect(await log()).toEqual(['one', 'two']);
    await another.disconnect();
  });
});

async function connected(kafka: TestKafka, options: ProducerConfig): Promise<Producer> {
  const client = new Kafka({
    brokers: kafka.brokers,
    requestTimeout: REQUEST_TIMEOUT_MS,
    logLevel: logLevel.NOTHING,
  });
  const producer = client.producer({ ...options, retry: { retries: RETRIES, initialRetryTime: 50 } });
  await producer.connect();
  return producer;
}
