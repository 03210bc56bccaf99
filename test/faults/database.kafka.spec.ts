import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  describeKafka,
  eventually,
  ownerQuery,
  startTestKafka,
  temporaryFolder,
  type TestKafka,
} from '@chartledger/testing';
import { type ChildOptions } from './child/protocol.js';
import { SequencerProcess } from './kafka-child.js';
import { count } from './kafka-counts.js';
import { startMortalDatabase, type MortalDatabase } from './kafka-database.js';
import { sharedWorld, worldFault } from './kafka-processes.js';
import { mountSmallDisk } from './kafka-small-disk.js';
import { random, SEED } from './random.js';

/** PostgreSQL is killed, and its disk is full, under a process that sequences, appends and projects. */

const KILLS = 3;
const CALM = 20;
/** How long PostgreSQL is away. */
const AWAY_MS = 1_000;
const FULL_MS = 3_000;

const isRoot = process.getuid?.() === 0;
if (!isRoot) console.warn('skipped: the database on a full disk: only root may mount a small one');

describeKafka(`a database that fails (seed ${SEED})`, () => {
  let kafka: TestKafka;
  let child: SequencerProcess | undefined;

  beforeAll(async () => {
    kafka = await startTestKafka({ brokers: 1 });
  });
  afterAll(async () => {
    await child?.kill();
    await kafka?.stop();
  });

  async function startOn(database: MortalDatabase, topic: string): Promise<ChildOptions> {
    const options = (await sharedWorld(kafka, database.connection, topic, false)).process();
    child = new SequencerProcess(options);
    await child.ready();
    await child.answered(CALM);
    return options;
  }

  it('is killed again and again, and the process goes on', async () => {
    const next = random(SEED);
    const dataDir = await temporaryFolder();
    const database = await startMortalDatabase(dataDir);
    try {
      const options = await startOn(database, 'killed-database');
      for (let kill = 0; kill < KILLS; kill += 1) {
        await delay(next() * 500);
        await database.kill();
        count('PostgreSQL killed');
        await delay(next() * AWAY_MS);
        await database.revive();
        await child!.answered(child!.answers + CALM);
      }
      await child!.stop();
      expect(await worldFault([options])).toBeUndefined();
    } finally {
      await child?.kill();
      await database.stop();
      await rm(dataDir, { recursive: true, force: true });
    }
  });

  (isRoot ? it : it.skip)('has no room on its disk, and goes on when it has', async () => {
    const disk = await mountSmallDisk();
    const database = await startMortalDatabase(disk.folder);
    try {
      const options = await startOn(database, 'full-disk');
      disk.fill();
      await eventually('a write that finds no room', () =>
        ownerQuery(
          database.connection,
          `create table filler as select repeat('x', 8000) from generate_series(1, 10000)`,
        ).then(
          () => false,
          () => true,
        ),
      );
      count('database without room on its disk');
      await delay(FULL_MS);
      disk.free();
      await database.revive();
      await child!.answered(child!.answers + CALM);
      await child!.stop();
      expect(await worldFault([options])).toBeUndefined();
    } finally {
      await child?.kill();
      await database.stop();
      await disk.remove();
    }
  });
});
