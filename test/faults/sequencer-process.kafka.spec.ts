import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Connection } from '@chartledger/database';
import { KafkaLedger, topicTables, type KafkaOptions } from '@chartledger/ledger-kafka';
import { createLogger } from '@chartledger/platform';
import {
  describeKafka,
  eventually,
  openStages,
  ownerQuery,
  startTestDatabase,
  startTestKafka,
  type Fault,
  type TestDatabase,
  type TestKafka,
  type TestStages,
} from '@chartledger/testing';
import { CHAIN, type ChildOptions, type Step } from './child/protocol.js';
import { readJournal, SequencerProcess } from './kafka-child.js';
import { count } from './kafka-counts.js';
import { firstFault } from './kafka-readings.js';
import { WriterRecord } from './kafka-record.js';
import { viewFault } from './kafka-views.js';
import { random, SEED } from './random.js';

/** Processes that sequence, append and project are killed at every step, paused past their lock, and made to share a chain. */

const STEPS: [step: Step, kind: string][] = [
  ['before the append', 'sequencer killed before the append'],
  ['after the append', 'sequencer killed between append and answer'],
  ['before the rows', 'projector killed before rows'],
  ['after the rows', 'projector killed between rows'],
];
const ROUNDS = 2;
const LANES = 6;
/** Submissions that are answered between two faults. */
const CALM = 20;

let topics = 0;

interface World {
  connection: Connection;
  options: ChildOptions;
  another(): ChildOptions;
}

describeKafka(`processes that sequence (seed ${SEED})`, () => {
  let kafka: TestKafka;
  let database: TestDatabase;
  const running = new Set<SequencerProcess>();

  beforeAll(async () => {
    [kafka, database] = await Promise.all([startTestKafka({ brokers: 1, proxied: true }), startTestDatabase()]);
  });
  afterAll(async () => {
    for (const one of running) await one.kill();
    await kafka?.stop();
    await database?.stop();
  });

  async function world(locks: boolean): Promise<World> {
    const connection = await database.another();
    const name = `processes-${++topics}`;
    const keysDir = join(database.dataDir, name);
    await mkdir(keysDir);
    const options: KafkaOptions = { brokers: kafka.brokers, topic: name, replicationFactor: 1, compression: 'none' };
    let journals = 0;
    const another = (): ChildOptions => {
      const journal = join(keysDir, `journal-${++journals}`);
      return { connection, keysDir, kafka: options, journal, lanes: LANES, locks };
    };
    return { connection, options: another(), another };
  }

  function start(options: ChildOptions): SequencerProcess {
    const started = new SequencerProcess(options);
    running.add(started);
    return started;
  }

  /** Stages of this process beside those of the others. */
  function here({ connection, options }: World): Promise<TestStages> {
    const store = {
      tables: topicTables,
      open: (source: Parameters<typeof KafkaLedger.open>[0]) =>
        KafkaLedger.open(source, options.kafka, CHAIN, createLogger('fatal')),
    };
    return openStages(connection, '', { keysDir: options.keysDir, store });
  }

  async function expectSound(one: World, journals: string[]): Promise<void> {
    const record = new WriterRecord();
    for (const journal of journals) readJournal(journal, record);
    const { connection, options } = one;
    const fault = await firstFault([{ chain: CHAIN, record, followers: [] }], connection, options.kafka, CHAIN);
    expect({ seed: SEED, fault }).toEqual({ seed: SEED, fault: undefined });
    const stages = await here(one);
    try {
      expect({ seed: SEED, fault: await viewFault(stages) }).toEqual({ seed: SEED, fault: undefined });
    } finally {
      await stages.stop();
    }
  }

  it('lose nothing when killed at every step', async () => {
    const one = await world(true);
    const next = random(SEED);
    const proxy = kafka.proxies[0];
    const again = async (killAt?: ChildOptions['killAt']): Promise<SequencerProcess> => {
      const started = start({ ...one.options, killAt });
      if (killAt === undefined) await started.ready();
      return started;
    };
    /** Kills at the next produce request, and lets the proxy do something with that. */
    const killAtRequest = async (fault: () => Fault): Promise<void> => {
      const child = await again();
      await child.answered(child.answers + CALM);
      let isArmed = true;
      proxy.drawFrom({
        produce: () => {
          if (!isArmed) return 'none';
          isArmed = false;
          child.signal('SIGKILL');
          return fault();
        },
        fetch: () => 'none',
      });
      await child.killed();
    };
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [step, kind] of STEPS) {
        const child = await again({ step, time: 2 + Math.floor(next() * 20) });
        await child.killed();
        count(kind);
      }
      await killAtRequest(() => 'none');
      count('sequencer killed while the broker writes');
      const held = proxy.newHold();
      await killAtRequest(() => held);
      const successor = await again();
      await successor.answered(successor.answers + CALM);
      await held.release();
      count('sequencer killed, its request late (zombie)');
      proxy.replies.once('reply', () => successor.signal('SIGKILL'));
      await successor.killed();
      count('sequencer killed as its reply arrives');
      const starting = start(one.options);
      await delay(next() * 1_000);
      await starting.kill();
      count('sequencer killed while it starts');
      const writing = await again();
      await writing.answered(writing.answers + CALM);
      await delay(next() * 200);
      await writing.kill();
      count('sequencer killed at any moment');
    }
    proxy.clear();
    const last = await again();
    await last.answered(last.answers + CALM);
    await last.stop();
    await expectSound(one, [one.options.journal]);
  });

  it('do no harm when one is paused past its lock and woken', async () => {
    const one = await world(true);
    const proxy = kafka.proxies[0];
    const second = one.another();
    const paused = start(one.options);
    await paused.ready();
    await paused.answered(CALM);
    // Asleep with a request under way that the broker has not seen.
    const held = proxy.newHold();
    let isArmed = true;
    proxy.drawFrom({
      produce: () => {
        if (!isArmed) return 'none';
        isArmed = false;
        paused.signal('SIGSTOP');
        return held;
      },
      fetch: () => 'none',
    });
    await eventually('its sleep', () => !isArmed);
    count('sequencer paused past its lock and woken (zombie)');
    // What PostgreSQL does to a client that does not answer.
    await ownerQuery(
      one.connection,
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
    );
    const owner = start(second);
    await owner.ready();
    await owner.answered(CALM);
    await held.release();
    await owner.answered(owner.answers + CALM);
    const before = paused.answers;
    paused.signal('SIGCONT');
    await paused.answered(before + CALM);
    await owner.answered(owner.answers + CALM);
    await paused.stop();
    await owner.stop();
    await expectSound(one, [one.options.journal, second.journal]);
  });

  it('are slow and never wrong when two own one chain', async () => {
    const one = await world(false);
    const second = one.another();
    // The second finds the tables made.
    const first = start(one.options);
    await first.ready();
    const other = start(second);
    await other.ready();
    count('two sequencers on one chain');
    await first.answered(first.answers + 3 * CALM);
    await other.answered(3 * CALM);
    await first.stop();
    await other.stop();
    await expectSound(one, [one.options.journal, second.journal]);
  });
});
