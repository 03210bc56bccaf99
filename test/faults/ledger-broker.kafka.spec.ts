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

const KILLS = 3;
const PAUSE_MS = 10_000;
/** Between two faults: the seed chooses the moment. */
const LONGEST_CALM_MS = 1_500;

describeKafka(`writers over one broker (seed ${SEED})`, () => {
  let kafka: TestKafka;
  let database: TestDatabase;
  beforeAll(async () => {
    [kafka, database] = await Promise.all([startTestKafka({ brokers: 1 }), startTestDatabase()]);
  });
  afterAll(async () => {
    await kafka?.stop();
    await database?.stop();
  });

  it('survive that it is killed and started on its data, and that it hangs', async () => {
    await underWriters(database, kafka, 1, async (progress, next) => {
      for (let kill = 0; kill < KILLS; kill += 1) {
        await delay(next() * LONGEST_CALM_MS);
        await kafka.restart(0);
        count('broker killed');
        await progress();
      }
      kafka.pause(0);
      await delay(PAUSE_MS);
      kafka.resume(0);
      count('broker paused 10 s');
      await progress();
    });
  });
});
