import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Kafka, logLevel, type Producer, type ProducerRecord } from 'kafkajs';
import { GUARD } from '#kafka-local';
import { describeKafka } from './describe-kafka.js';
import { DelayedReply, type Fault, type FetchFault, type KafkaProxy } from './kafka-proxy.js';
import { createTopic, readTopic } from './kafka-topic.js';
import { eventually } from './poll.js';
import { processesOf } from './processes.js';
import { startTestKafka, type TestKafka } from './test-kafka.js';

/** Longer than a send on a busy machine takes, and what each fault costs its test. */
const REQUEST_TIMEOUT_MS = 1_500;
const BROKER_GONE_MS = 30_000;

let count = 0;

describeKafka('the proxy in front of a broker', () => {
  let kafka: TestKafka;
  let proxy: KafkaProxy;
  let producer: Producer;
  let topic: string;

  beforeAll(async () => {
    kafka = await startTestKafka({ brokers: 1, proxied: true });
    proxy = kafka.proxies[0];
  });
  afterAll(() => kafka.stop());
  beforeEach(async () => {
    proxy.clear();
    topic = `topic-${++count}`;
    await createTopic(kafka.brokers, topic);
    producer = await connected(kafka.brokers);
  });
  afterEach(() => producer.disconnect());

  const send = (value: string): Promise<unknown> => producer.send(message(topic, value));
  const values = async (): Promise<string[]> => (await readTopic(kafka.brokers, topic)).map(({ value }) => value);

  it('carries what is sent, 8 MiB as well', async () => {
    const large = 'x'.repeat(8 * 1024 * 1024);
    await send('small');
    await send(large);
    const read = await values();
    expect(read).toHaveLength(2);
    expect(read[1] === large).toBe(true);
  });

  it('swallows a reply: the broker wrote, the client gives up', async () => {
    proxy.swallowReply();
    await expect(send('written')).rejects.toThrow('timed out');
    expect(await values()).toEqual(['written']);
    expect(proxy.counts.swallowed).toBe(1);
    await send('next');
  });

  it('cuts before the request: the broker has nothing', async () => {
    proxy.cutBefore();
    await expect(send('never')).rejects.toThrow();
    expect(await values()).toEqual([]);
    expect(proxy.counts.cutBefore).toBe(1);
  });

  it('cuts after the answer: the broker wrote', async () => {
    proxy.cutAfter();
    await expect(send('written')).rejects.toThrow();
    expect(await values()).toEqual(['written']);
    expect(proxy.counts.cutAfter).toBe(1);
  });

  it('strikes a later request', async () => {
    proxy.pass();
    proxy.cutBefore();
    await send('first');
    await expect(send('second')).rejects.toThrow();
    expect(await values()).toEqual(['first']);
  });

  it('delays requests and replies', async () => {
    proxy.delayRequests(200);
    proxy.delayReplies(100);
    const start = performance.now();
    await send('late');
    expect(performance.now() - start).toBeGreaterThanOrEqual(299);
    expect(proxy.counts.delayed).toBe(2);
  });

  it('lets a source decide, such as on a reply that another overtakes', async () => {
    const other = await connected(kafka.brokers);
    const faults: Fault[] = ['reorderReply'];
    proxy.drawFrom({ produce: () => faults.shift() ?? 'none', fetch: () => 'none' });
    const answered: string[] = [];
    const first = send('first').then(() => answered.push('first'));
    await eventually('the reply to be overtaken', () => proxy.counts.reordered === 1);
    await other.send(message(topic, 'second')).then(() => answered.push('second'));
    await first;
    expect(answered).toEqual(['second', 'first']);
    expect(await values()).toEqual(['first', 'second']);
    await other.disconnect();
  });

  it('cuts and delays what is read', async () => {
    await send('written');
    const faults: FetchFault[] = ['cut', new DelayedReply(50)];
    proxy.drawFrom({ produce: () => 'none', fetch: () => faults.shift() ?? 'none' });
    expect(await values()).toEqual(['written']);
    expect(proxy.counts).toMatchObject({ fetchesCut: 1, fetchesDelayed: 1 });
  });

  it('holds a request that its client has given up, and lets it come late', async () => {
    const release = proxy.holdRequest();
    await expect(release()).rejects.toThrow('awaited');
    await expect(send('zombie')).rejects.toThrow('timed out');
    expect(proxy.counts.held).toBe(1);
    await producer.disconnect();
    producer = await connected(kafka.brokers);
    await send('later');
    expect(await values()).toEqual(['later']);
    await release();
    expect(await values()).toEqual(['later', 'zombie']);
  });
});

describeKafka('three brokers', () => {
  let kafka: TestKafka;
  beforeAll(async () => {
    kafka = await startTestKafka({ brokers: 3, proxied: true });
  });
  afterAll(() => kafka.stop());

  it('serve while one is killed or paused, and take it back', async () => {
    await createTopic(kafka.brokers, 'three');
    const producer = await connected(kafka.brokers, { retries: 300, initialRetryTime: 100, maxRetryTime: 300 });
    await producer.send(message('three', 'with all'));
    const first = await leader(kafka, 'three');
    await kafka.kill(first);
    await producer.send(message('three', 'with two'));
    await kafka.restart(first);
    await eventually('the node in sync again', async () => (await inSync(kafka, 'three')) === 3, BROKER_GONE_MS);
    const follower = ((await leader(kafka, 'three')) + 1) % 3;
    kafka.pause(follower);
    await producer.send(message('three', 'with one paused'));
    kafka.resume(follower);
    await eventually('the node in sync again', async () => (await inSync(kafka, 'three')) === 3, BROKER_GONE_MS);
    await producer.disconnect();
    const read = (await readTopic(kafka.brokers, 'three')).map(({ value }) => value);
    expect([...new Set(read)]).toEqual(['with all', 'with two', 'with one paused']);
  });
});

describeKafka('what a broker leaves behind', () => {
  it('is nothing after stop, also of a paused one', async () => {
    const kafka = await startTestKafka({ brokers: 1 });
    kafka.pause(0);
    await kafka.stop();
    expect(processesOf(kafka.folder)).toEqual([]);
    expect(existsSync(kafka.folder)).toBe(false);
  });

  it('is nothing when the process that started it has gone', async () => {
    const kafka = await startTestKafka({ brokers: 1 });
    const guard = spawn(process.execPath, [fileURLToPath(GUARD), kafka.folder], {
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    guard.stdin.end();
    await once(guard, 'exit');
    expect(processesOf(kafka.folder).filter(({ command }) => command.includes('kafka.Kafka'))).toEqual([]);
    expect(existsSync(kafka.folder)).toBe(false);
    await kafka.stop();
  });
});

async function connected(brokers: string[], retry: object = { retries: 0 }): Promise<Producer> {
  const kafka = new Kafka({ brokers, requestTimeout: REQUEST_TIMEOUT_MS, logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ retry });
  await producer.connect();
  return producer;
}

function message(topic: string, value: string): ProducerRecord {
  return { topic, acks: -1, messages: [{ partition: 0, value }] };
}

async function leader(kafka: TestKafka, topic: string): Promise<number> {
  return (await partition(kafka, topic)).leader;
}

async function inSync(kafka: TestKafka, topic: string): Promise<number> {
  return (await partition(kafka, topic)).isr.length;
}

async function partition(kafka: TestKafka, topic: string): Promise<{ leader: number; isr: number[] }> {
  const admin = new Kafka({ brokers: kafka.brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    return (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0].partitions[0];
  } finally {
    await admin.disconnect();
  }
}
