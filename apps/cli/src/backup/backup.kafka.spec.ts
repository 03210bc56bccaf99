import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { rm } from 'node:fs/promises';
import { type DataSource } from 'typeorm';
import { migrate, openDataSource } from '@chartledger/database';
import { ledgerChainSource, type ChainSource } from '@chartledger/ledger';
import { KafkaLedger, topicTables } from '@chartledger/ledger-kafka';
import { createLogger } from '@chartledger/platform';
import {
  describeKafka,
  startTestDatabase,
  startTestKafka,
  temporaryFolder,
  type TestDatabase,
  type TestKafka,
} from '@chartledger/testing';
import { subjectFromStore, verifySubject, type Subject } from '../verify/verify.js';
import { backup } from './backup.js';
import { type BackupStore } from './backup-store.js';
import { restore, type RestoreResult } from './restore.js';
import { CHAINS, filesOf, TestLedger } from './test-ledger.fixture.js';

let topics = 0;

/** A ledger over a topic of its own, with the rest in a database as the embedded one has it. */
class KafkaTarget {
  private constructor(
    readonly base: TestLedger,
    readonly ledger: KafkaLedger,
    private readonly source: DataSource,
  ) {}

  static async open(database: TestDatabase, { brokers }: TestKafka, keysOf: TestLedger): Promise<KafkaTarget> {
    const base = await TestLedger.open(database, keysOf);
    await migrate(base.connection, topicTables);
    const source = await openDataSource(base.connection, topicTables);
    const options = { brokers, topic: `backup-${++topics}`, replicationFactor: 1, compression: 'none' } as const;
    const ledger = await KafkaLedger.open(source, options, CHAINS.at(-1)!, createLogger('fatal'));
    return new KafkaTarget(base, ledger, source);
  }

  get backupStore(): BackupStore {
    return { ...this.base.backupStore, ledger: this.ledger };
  }

  /** What is verified is the topic, and not what was copied of it. */
  async subject(): Promise<Subject> {
    const subject = await subjectFromStore(this.base.store, true);
    const chains = CHAINS.map((chain): ChainSource => ({
      ...ledgerChainSource(this.ledger, chain, {
        checkpoints: () => this.base.store.checkpoints.range(chain),
        tile: ({ level, index }) => this.base.store.checkpoints.tile(chain, level, index),
      }),
      entries: (from, to) => this.ledger.readTopic(chain, from, to),
    }));
    return { ...subject, chains };
  }

  restore(dir: string, store = this.backupStore): Promise<RestoreResult> {
    return restore(store, dir, () => this.subject());
  }

  async close(): Promise<void> {
    await this.ledger.close();
    await this.source.destroy();
    await this.base.close();
  }
}

describeKafka('a backup of an embedded ledger, restored into Kafka', () => {
  let kafka: TestKafka;
  let database: TestDatabase;
  let original: TestLedger;
  let target: KafkaTarget;
  let folder: string;
  let again: string;
  beforeAll(async () => {
    [kafka, database] = await Promise.all([startTestKafka({ brokers: 1, proxied: true }), startTestDatabase()]);
    [folder, again] = [await temporaryFolder(), await temporaryFolder()];
    original = await TestLedger.open(database);
    target = await KafkaTarget.open(database, kafka, original);
    await original.grow(0, 3);
    await original.grow(1, 4_500);
    await original.sign();
    await original.grow(1, 600);
    await original.grow(2, 256);
    await backup(original.backupStore, folder);
  });
  afterAll(async () => {
    await target?.close();
    await original?.close();
    await kafka?.stop();
    await database?.stop();
    for (const one of [folder, again]) await rm(one, { recursive: true, force: true });
  });

  it('has the same bytes and the same checkpoint in the topic, though it was interrupted', async () => {
    const breaking = Object.assign(Object.create(target.ledger) as KafkaLedger, {
      append: (...[head, entries]: Parameters<KafkaLedger['append']>) => {
        if (head.chain === 1 && head.seq > 1_000) throw new Error('the power failed');
        return target.ledger.append(head, entries);
      },
    });
    await expect(target.restore(folder, { ...target.backupStore, ledger: breaking })).rejects.toThrow(
      'the power failed',
    );
    expect((await target.ledger.head(1)).seq).toBeGreaterThan(1_000);

    // Neither a reply that is lost nor a connection that is cut makes an entry twice.
    kafka.proxies[0].swallowReply();
    const { chains } = await target.restore(folder);
    expect(chains.map(({ chain, size }) => [chain, size])).toEqual([
      [0, 3],
      [1, 5_100],
      [2, 256],
    ]);
    expect(chains[1].from).toBeGreaterThan(1_000);
    for (const { backup: held, target: restored } of chains) expect(restored).toEqual(held);

    await backup(target.backupStore, again);
    expect(await filesOf(again)).toEqual(await filesOf(folder));
  });

  it('verifies as the embedded one does, and a backup goes on from it', async () => {
    const embedded = await verifySubject(await subjectFromStore(original.store, true), undefined, () => undefined);
    expect(embedded.every(({ ok }) => ok)).toBe(true);
    expect(await verifySubject(await target.subject(), undefined, () => undefined)).toEqual(embedded);
    await backup(target.backupStore, folder);
    expect(await filesOf(folder)).toEqual(await filesOf(again));
  });

  it('goes back into an embedded ledger as it was', async () => {
    const back = await TestLedger.open(database, original);
    try {
      await restore(back.backupStore, again, () => subjectFromStore(back.store, true));
      expect(await back.digest()).toBe(await original.digest());
    } finally {
      await back.close();
    }
  });

  it('is refused into a topic that is not empty', async () => {
    const other = await temporaryFolder();
    const fork = await TestLedger.open(database, original);
    try {
      await fork.grow(1, 20, 9_000);
      await backup(fork.backupStore, other);
      await expect(target.restore(other)).rejects.toMatchObject({ reason: 'not_empty', position: '0:0' });
    } finally {
      await fork.close();
      await rm(other, { recursive: true });
    }
  });
});
