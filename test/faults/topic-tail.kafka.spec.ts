import { generateKeyPairSync } from 'node:crypto';
import { rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { auditTables, ChainTree, CheckpointFile, CheckpointStore } from '@chartledger/audit';
import { joinParts, migrate, openDataSource, poolOf, type Connection } from '@chartledger/database';
import { link, noteSigner, noteVerifier, type Ledger, type LinkedEntry, type StoredEntry } from '@chartledger/ledger';
import { ledgerTables } from '@chartledger/ledger-embedded';
import { emptyCopy, topicTables, type KafkaOptions } from '@chartledger/ledger-kafka';
import { createLogger, systemClock } from '@chartledger/platform';
import {
  describeKafka,
  eventually,
  ownerQuery,
  sampleDrafts,
  startTestDatabase,
  startTestKafka,
  temporaryFolder,
  type TestDatabase,
  type TestKafka,
} from '@chartledger/testing';
import { Kafka, logLevel } from 'kafkajs';
import { count } from './kafka-counts.js';
import { openHandle, type Handle } from './kafka-handles.js';

/** Entries that were acknowledged and signed vanish from the topic: everyone stops, and says so. */

const CHAIN = 1;
const ENTRIES = 12;
/** Each entry is a batch of its own; so many are cut off. */
const CUT = 3;
const SEGMENT = '00000000000000000000.log';

let topics = 0;

interface World {
  connection: Connection;
  options: KafkaOptions;
  /** Of `checkpoints` and of the keys. */
  folder: string;
  signer: ReturnType<typeof noteSigner>;
  entries: LinkedEntry[];
}

describeKafka('a topic whose tail is gone', () => {
  let kafka: TestKafka;
  let database: TestDatabase;
  const folders: string[] = [];

  beforeAll(async () => {
    [kafka, database] = await Promise.all([startTestKafka({ brokers: 1 }), startTestDatabase()]);
  });
  afterAll(async () => {
    await kafka?.stop();
    await database?.stop();
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
  });

  /** A chain that was written, copied and signed, and nobody has open. */
  async function signedWorld(): Promise<World> {
    const connection = await database.another();
    await migrate(connection, joinParts(ledgerTables, topicTables, auditTables));
    const topic = `tail-${++topics}`;
    const folder = await temporaryFolder();
    folders.push(folder);
    const signer = noteSigner('faults.test/chains/1', generateKeyPairSync('ed25519').privateKey);
    const options: KafkaOptions = { brokers: kafka.brokers, topic, replicationFactor: 1, compression: 'none' };
    const world: World = { connection, options, folder, signer, entries: [] };
    const handle = await openHandle(connection, options, CHAIN);
    try {
      world.entries = await append(handle.ledger, ENTRIES);
      await eventually('the copy', async () => {
        const [row] = await ownerQuery(connection, 'select count(*)::int4 as count from topic.entry');
        return row.count === ENTRIES;
      });
      await withTree(world, handle.ledger, async (tree) => expect(tree.checkpoint.size).toBe(ENTRIES));
    } finally {
      await handle.close();
    }
    return world;
  }

  /** Starts what holds the log to its last checkpoint, as every sequencer does before it takes a chain. */
  async function withTree(world: World, ledger: Ledger, work: (tree: ChainTree) => Promise<void>): Promise<void> {
    const { connection, folder, signer } = world;
    const source = await openDataSource(connection, auditTables, 2);
    const context = {
      ledger,
      store: new CheckpointStore(poolOf(source)),
      file: new CheckpointFile(folder, CHAIN),
      signer,
      verifier: noteVerifier(signer.name, signer.publicKey),
      clock: systemClock,
      logger: createLogger('fatal'),
    };
    const tree = new ChainTree(context, CHAIN);
    try {
      await tree.start();
      await work(tree);
      await tree.stop();
    } finally {
      await source.destroy();
    }
  }

  /** Cuts the last entries off the partition's file while its broker is down. */
  async function cutTail({ options, entries }: World): Promise<void> {
    await kafka.kill(0);
    const segment = join(kafka.folder, 'node-0', 'data', `${options.topic}-${CHAIN}`, SEGMENT);
    const { size } = await stat(segment);
    await truncate(segment, Math.floor(size * (1 - CUT / entries.length)));
    await kafka.restart(0);
    count("topic's tail cut under the last checkpoint");
  }

  it('is not opened by a process that knows the copy', async () => {
    const world = await signedWorld();
    await cutTail(world);
    await expect(openHandle(world.connection, world.options, CHAIN)).rejects.toMatchObject({
      code: 'integrity',
      message: expect.stringContaining(`chain ${CHAIN}: the topic ends before the record at offset ${ENTRIES - 1}`),
    });
  });

  it('is found shorter than its checkpoint where the copy is gone too', async () => {
    const world = await signedWorld();
    await cutTail(world);
    await emptyCopy(world.connection);
    const handle = await openHandle(world.connection, world.options, CHAIN);
    try {
      expect((await handle.ledger.head(CHAIN)).seq).toBeLessThan(ENTRIES - 1);
      await expect(withTree(world, handle.ledger, async () => undefined)).rejects.toMatchObject({
        code: 'integrity',
        message: expect.stringContaining(`a checkpoint over ${ENTRIES} was signed`),
      });
    } finally {
      await handle.close();
    }
  });

  describe('while it is open', () => {
    it('stops the reader, the writer and the follower', async () => {
      const world = await signedWorld();
      const handle = await openHandle(world.connection, world.options, CHAIN);
      try {
        const head = await handle.ledger.head(CHAIN);
        const following = follow(handle);
        await cutTail(world);
        const lost = { code: 'integrity', message: expect.stringContaining('was cut off, deleted or replaced') };
        const entries = link(head, sampleDrafts(1, { first: ENTRIES }), Math.max(Date.now(), head.time));
        await expect(handle.ledger.append(head, entries)).rejects.toMatchObject(lost);
        await expect(handle.ledger.head(CHAIN)).rejects.toMatchObject(lost);
        await expect(following).rejects.toMatchObject(lost);
      } finally {
        await handle.close();
      }
    });
  });

  it('is not taken for the one that it replaced, though its entries are the same as far as they go', async () => {
    const world = await signedWorld();
    const { options, entries } = world;
    const admin = new Kafka({ brokers: kafka.brokers, logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    await admin.deleteTopics({ topics: [options.topic] });
    await admin.disconnect();
    const fresh = await database.another();
    await migrate(fresh, topicTables);
    const handle = await eventually('the topic anew', () => openHandle(fresh, options, CHAIN).catch(() => undefined));
    try {
      const head = await handle.ledger.head(CHAIN);
      expect(await handle.ledger.append(head, entries.slice(0, -CUT))).toBe(true);
    } finally {
      await handle.close();
    }
    count('topic recreated with fewer entries');
    await expect(openHandle(world.connection, options, CHAIN)).rejects.toMatchObject({
      code: 'integrity',
      message: expect.stringContaining(`chain ${CHAIN}: the topic ends before the record`),
    });
  });
});

async function append(ledger: Ledger, count: number): Promise<LinkedEntry[]> {
  const appended: LinkedEntry[] = [];
  for (let first = 0; first < count; first += 1) {
    const head = await ledger.head(CHAIN);
    const entries = link(head, sampleDrafts(1, { first }), Math.max(Date.now(), head.time));
    expect(await ledger.append(head, entries)).toBe(true);
    appended.push(...entries);
  }
  return appended;
}

/** Rejects with what ends the following. */
function follow({ ledger }: Handle): Promise<StoredEntry[]> {
  const following = (async () => {
    const read: StoredEntry[] = [];
    for await (const batch of ledger.follow(CHAIN, 0, new AbortController().signal)) read.push(...batch);
    return read;
  })();
  // It is awaited later.
  following.catch(() => undefined);
  return following;
}
