import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Kafka, logLevel } from 'kafkajs';
import { describeKafka } from './describe-kafka.js';
import { startTestKafka, type TestKafka } from './test-kafka.js';

describeKafka('one broker', () => {
  let kafka: TestKafka;
  beforeAll(async () => {
    kafka = await startTestKafka({ brokers: 1 });
  });
  afterAll(() => kafka.stop());
  it('serves', async () => {
    const admin = new Kafka({ brokers: kafka.brokers, logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    expect((await admin.describeCluster()).brokers).toHaveLength(1);
    await admin.disconnect();
  });
});
