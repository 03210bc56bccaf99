import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { migrate, type Connection } from '@chartledger/database';
import { topicTables, type KafkaOptions } from '@chartledger/ledger-kafka';
import { setTimeout as delay } from 'node:timers/promises';
import {
  describeKafka,
  eventually,
  startTestDatabase,
  startTestKafka,
  type TestDatabase,
  type TestKafka,
} from '@chartledger/testing';
import { count } from './kafka-counts.js';
import { openHandle, type Handle } from './kafka-handles.js';
import { firstFault, Follower, type WrittenChain } from './kafka-readings.js';
import { WriterRecord } from './kafka-record.js';
import { keepWriting } from './kafka-writer.js';
import { random, SEED } from './random.js';

/** Brokers are killed and paused under writers that go on. */

const CHAINS = 6;
const KILLS = 3;
const PAUSE_MS = 10_000;
/** Between two faults: the seed chooses the moment. */
const LONGEST_CALM_MS = 1_500;
/** The broker's own start or fail-over on a busy machine, and a writer's longest patience. */
const RECOVERY_MS = 60_000;

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(async () => database?.stop());

/**
 * Runs `faults` under writers on every chain. `progress` resolves when each chain has an entry that was sent and acknowledged
 * after its call.
 */
async function underWriters(
  kafka: TestKafka,
  replicationFactor: number,
  faults: (progress: () => Promise<void>, next: () => number) => Promise<void>,
): Promise<void> {
  const connection: Connection = await database.another();
  await migrate(connection, topicTables);
  const options: KafkaOptions = { brokers: kafka.brokers, topic: 'faults', replicationFactor, compression: 'none' };
  const handles: Handle[] = [];
  let isDone = false;
  try {
    for (let at = 0; at < 2; at += 1) handles.push(await openHandle(connection, options, CHAINS));
    const [writing, reading] = handles;
    const written = Array.from({ length: CHAINS }, (_, at): WrittenChain => {
      const chain = at + 1;
      return { chain, record: new WriterRecord(), followers: [new Follower(reading, chain)] };
    });
    const writers = written.map(({ chain, record }) =>
      keepWriting({
        ledger: writing.ledger,
        chain,
        record,
        index: 0,
        next: random(SEED + chain),
        isDone: () => isDone,
        pauseMs: 5,
      }),
    );
    const progress = async (): Promise<void> => {
      const before = written.map(({ record }) => record.sent);
      await eventually(
        'every chain goes on',
        () => written.every(({ record }, at) => record.hasAcknowledgedAfter(before[at])),
        RECOVERY_MS,
      );
    };
    await progress();
    await faults(progress, random(SEED));
    await progress();
    isDone = true;
    await Promise.all(writers);
    const fault = await firstFault(written, connection, options, CHAINS);
    if (fault) throw new Error(`${fault}\nCHARTLEDGER_TEST_SEED=${SEED}`);
  } finally {
    isDone = true;
    for (const handle of handles) await handle.close();
  }
}

describeKafka(`writers over one broker (seed ${SEED})`, () => {
  let kafka: TestKafka;
  beforeAll(async () => {
    kafka = await startTestKafka({ brokers: 1 });
  });
  afterAll(async () => kafka?.stop());

  it('survive that it is killed and started on its data, and that it hangs', async () => {
    await underWriters(kafka, 1, async (progress, next) => {
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

describeKafka(`writers over three brokers (seed ${SEED})`, () => {
  let kafka: TestKafka;
  beforeAll(async () => {
    kafka = await startTestKafka({ brokers: 3 });
  });
  afterAll(async () => kafka?.stop());

  it('survive that each is killed, the leader of some chains, and that one hangs', async () => {
    await underWriters(kafka, 3, async (progress, next) => {
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
    expect(kafka.brokers).toHaveLength(3);
  });
});
