import { mkdir, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { type Connection } from '@chartledger/database';
import { KafkaLedger, topicTables, type KafkaOptions } from '@chartledger/ledger-kafka';
import { createLogger } from '@chartledger/platform';
import { openStages, type LedgerStore, type TestKafka, type TestStages } from '@chartledger/testing';
import { CHAIN, type ChildOptions } from './child/protocol.js';
import { readJournal } from './kafka-child.js';
import { firstFault } from './kafka-readings.js';
import { WriterRecord } from './kafka-record.js';
import { viewFault } from './kafka-views.js';
import { SEED } from './random.js';

const LANES = 6;

/** A topic, a database and keys that several processes share; its files go with the broker's. */
export interface SharedWorld {
  connection: Connection;
  /** Options of another process on them, with a journal of its own. */
  process(): ChildOptions;
}

export async function sharedWorld(
  kafka: TestKafka,
  connection: Connection,
  topic: string,
  locks: boolean,
): Promise<SharedWorld> {
  const folder = await mkdtemp(join(kafka.folder, 'processes-'));
  const keysDir = join(folder, 'keys');
  await mkdir(keysDir);
  const options: KafkaOptions = { brokers: kafka.brokers, topic, replicationFactor: 1, compression: 'none' };
  let journals = 0;
  return {
    connection,
    process: () => {
      const journal = join(folder, `journal-${++journals}`);
      return { connection, keysDir, kafka: options, journal, lanes: LANES, locks };
    },
  };
}

/**
 * The first thing that is wrong after the processes have ended: with the chain, with a reader of it, or with a view.
 */
export async function worldFault(processes: readonly ChildOptions[]): Promise<string | undefined> {
  const [{ connection, kafka, keysDir }] = processes;
  const record = new WriterRecord();
  for (const { journal } of processes) readJournal(journal, record);
  const fault = await firstFault([{ chain: CHAIN, record, followers: [] }], connection, kafka, CHAIN);
  if (fault) return `${fault} (seed ${SEED})`;
  const store: LedgerStore = {
    tables: topicTables,
    open: (source) => KafkaLedger.open(source, kafka, CHAIN, createLogger('fatal')),
  };
  const stages: TestStages = await openStages(connection, '', { keysDir, store });
  try {
    return await viewFault(stages);
  } finally {
    await stages.stop();
  }
}
