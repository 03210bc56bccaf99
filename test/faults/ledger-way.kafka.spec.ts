import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { migrate, type Connection } from '@chartledger/database';
import { topicTables, type KafkaOptions } from '@chartledger/ledger-kafka';
import {
  describeKafka,
  eventually,
  startTestDatabase,
  startTestKafka,
  type TestDatabase,
  type TestKafka,
} from '@chartledger/testing';
import { countAll } from './kafka-counts.js';
import { openHandle, type Handle } from './kafka-handles.js';
import { firstFault, Follower, type WrittenChain } from './kafka-readings.js';
import { WriterRecord } from './kafka-record.js';
import { faultSource, type Injected } from './kafka-schedule.js';
import { keepWriting } from './kafka-writer.js';
import { random, SEED } from './random.js';

/** Writers append while the way to the broker fails again and again: cheap faults, many of them. */

const CHAINS = 20;
/** Of these two processes write at once. */
const CONTESTED_CHAINS = 6;
const FAULTS = 2_000;
/** Ends the run though the machine is slow; the number of faults is checked. */
const LONGEST_RUN_MS = 90_000;
/** Short, so that a lost reply costs the run half a second and not eight. */
const DEADLINES = { requestMs: 2_500, sendMs: 500 };

interface World {
  connection: Connection;
  options: KafkaOptions;
}

let topics = 0;

describeKafka(`writers whose way to the broker fails (seed ${SEED})`, () => {
  let kafka: TestKafka;
  let database: TestDatabase;

  beforeAll(async () => {
    [kafka, database] = await Promise.all([startTestKafka({ brokers: 1, proxied: true }), startTestDatabase()]);
  });
  afterAll(async () => {
    await kafka?.stop();
    await database?.stop();
  });

  async function world(): Promise<World> {
    const connection = await database.another();
    await migrate(connection, topicTables);
    const topic = `faults-${++topics}`;
    return {
      connection,
      options: { brokers: kafka.brokers, topic, replicationFactor: 1, compression: 'none', deadlines: DEADLINES },
    };
  }

  /** Says where a run can be begun again from, and what was injected in it. */
  function report(fault: string, injected: readonly Injected[]): string {
    const schedule = injected.map(({ kind, ms }, at) => `${at} ${kind} ${ms}`).join('\n');
    return `${fault}\nCHARTLEDGER_TEST_SEED=${SEED}; the faults in the order of the requests:\n${schedule}`;
  }

  /** Handles that are closed whatever comes of the work. */
  async function withHandles<T>(
    count: number,
    { connection, options }: World,
    work: (handles: Handle[]) => Promise<T>,
  ): Promise<T> {
    const handles: Handle[] = [];
    try {
      for (let at = 0; at < count; at += 1) handles.push(await openHandle(connection, options, CHAINS));
      return await work(handles);
    } finally {
      kafka.proxies[0].clear();
      for (const handle of handles) await handle.close();
    }
  }

  it('lose nothing that was acknowledged, repeat nothing, and every reader has the same chain', async () => {
    const here = await world();
    const proxy = kafka.proxies[0];
    const source = faultSource(random(SEED), proxy);
    const fault = await withHandles(3, here, async ([one, other, reader]) => {
      const written = Array.from({ length: CHAINS }, (_, at): WrittenChain => {
        const chain = at + 1;
        return { chain, record: new WriterRecord(), followers: [new Follower(reader, chain)] };
      });
      const deadline = performance.now() + LONGEST_RUN_MS;
      const isDone = (): boolean => source.injected.length >= FAULTS || performance.now() > deadline;
      proxy.drawFrom(source);
      const writers = written.flatMap(({ chain, record }) =>
        (chain <= CONTESTED_CHAINS ? [one, other] : [one]).map(({ ledger }, index) =>
          keepWriting({ ledger, chain, record, index, next: random(SEED + 100 * chain + index), isDone }),
        ),
      );
      await Promise.all(writers);
      proxy.clear();
      for (const { record } of written) expect(record.acknowledged().length).toBeGreaterThan(0);
      const single = written.filter(({ chain }) => chain > CONTESTED_CHAINS);
      const rejects = await Promise.all(single.map(({ chain }) => one.ledger.rejects(chain)));
      // What came late or twice was there, and is no entry.
      expect(rejects.reduce((sum, number) => sum + number, 0)).toBeGreaterThan(0);
      return firstFault(written, here.connection, here.options, CHAINS);
    });
    countAll(source.injected);
    if (fault) throw new Error(report(fault, source.injected));
    expect(source.injected.length).toBeGreaterThanOrEqual(FAULTS);
  });

  it('are found out when they acknowledge what they have only sent', async () => {
    const here = await world();
    const record = new WriterRecord();
    const fault = await withHandles(2, here, async (handles) => {
      let isDone = false;
      const writers = handles.map(({ ledger }, index) =>
        keepWriting({
          ...{ ledger, chain: 1, record, index, next: random(SEED + index), isDone: () => isDone },
          isAcknowledgedBlindly: true,
        }),
      );
      await eventually('a race that one of them loses', async () => (await handles[0].ledger.rejects(1)) > 0);
      isDone = true;
      await Promise.all(writers);
      return firstFault([{ chain: 1, record, followers: [] }], here.connection, here.options, CHAINS);
    });
    expect(fault).toMatch(/was acknowledged at \d+ and (is nowhere|stands at)/);
  });
});
