import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, it } from '@jest/globals';
import {
  describeKafka,
  startTestDatabase,
  startTestKafka,
  type TestDatabase,
  type TestKafka,
} from '@chartledger/testing';
import { count } from './kafka-counts.js';
import { underWriters } from './kafka-under-writers.js';
import { SEED } from './random.js';

/** Between two faults: the seed chooses the moment. */
const LONGEST_CALM_MS = 1_500;

describeKafka(`writers over three brokers (seed ${SEED})`, () => {
  let kafka: TestKafka;
  let database: TestDatabase;
  beforeAll(async () => {
    [kafka, database] = await Promise.all([startTestKafka({ brokers: 3 }), startTestDatabase()]);
  });
  afterAll(async () => {
    await kafka?.stop();
    await database?.stop();
  });

  it('survive that each is killed, the leader of some chains, and that one hangs', async () => {
    await underWriters(database, kafka, 3, async (progress, next) => {
      for (const node of [0, 1, 2]) {
        await delay(next() * LONGEST_CALM_MS);
        await kafka.kill(node);
        count('leader killed');
        await progress();
        await kafka.restart(node);
        await progress();
      }
      kafka.pause(1);
      count('leader paused');
      await progress();
      kafka.resume(1);
      await progress();
    });
  });
});
