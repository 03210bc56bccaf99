import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  describeKafka,
  eventually,
  ownerQuery,
  startTestDatabase,
  startTestKafka,
  type Fault,
  type TestDatabase,
  type TestKafka,
} from '@chartledger/testing';
import { type ChildOptions, type Step } from './child/protocol.js';
import { SequencerProcess } from './kafka-child.js';
import { count } from './kafka-counts.js';
import { sharedWorld, worldFault, type SharedWorld } from './kafka-processes.js';
import { random, SEED } from './random.js';

/** Processes that sequence, append and project are killed at every step, paused past their lock, and made to share a chain. */

const STEPS: [step: Step, kind: string][] = [
  ['before the append', 'sequencer killed before the append'],
  ['after the append', 'sequencer killed between append and answer'],
  ['before the rows', 'projector killed before rows'],
  ['after the rows', 'projector killed between rows'],
];
const ROUNDS = 2;
/** Some thirty processes are started. */
const STEPS_MS = 300_000;
/** Submissions that are answered between two faults. */
const CALM = 20;

let topics = 0;

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

  /** A process that ends with the test. */
  function start(options: ChildOptions): SequencerProcess {
    const started = new SequencerProcess(options);
    running.add(started);
    return started;
  }

  async function world(locks: boolean): Promise<SharedWorld> {
    return sharedWorld(kafka, await database.another(), `processes-${++topics}`, locks);
  }

  it(
    'lose nothing when killed at every step',
    async () => {
      const options = (await world(true)).process();
      const next = random(SEED);
      const proxy = kafka.proxies[0];
      const again = async (killAt?: ChildOptions['killAt']): Promise<SequencerProcess> => {
        const started = start({ ...options, killAt });
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
        const starting = start(options);
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
      expect(await worldFault([options])).toBeUndefined();
    },
    STEPS_MS,
  );

  it('do no harm when one is paused past its lock and woken', async () => {
    const { connection, ...one } = await world(true);
    const proxy = kafka.proxies[0];
    const [first, second] = [one.process(), one.process()];
    const paused = start(first);
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
      connection,
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
    expect(await worldFault([first, second])).toBeUndefined();
  });

  it('are slow and never wrong when two own one chain', async () => {
    const one = await world(false);
    const options = [one.process(), one.process()];
    const processes: SequencerProcess[] = [];
    for (const each of options) {
      processes.push(start(each));
      await processes[processes.length - 1].ready();
    }
    count('two sequencers on one chain');
    await Promise.all(processes.map((each) => each.answered(each.answers + 3 * CALM)));
    await Promise.all(processes.map((each) => each.stop()));
    expect(await worldFault(options)).toBeUndefined();
  });
});
