import { migrate, type Connection } from '@chartledger/database';
import { topicTables, type KafkaOptions } from '@chartledger/ledger-kafka';
import { eventually, type TestDatabase, type TestKafka } from '@chartledger/testing';
import { openHandle, type Handle } from './kafka-handles.js';
import { firstFault, Follower, type WrittenChain } from './kafka-readings.js';
import { WriterRecord } from './kafka-record.js';
import { keepWriting } from './kafka-writer.js';
import { random, SEED } from './random.js';

const CHAINS = 6;
/** A start or a fail-over on a busy machine, and a writer's longest patience. */
const RECOVERY_MS = 60_000;

/**
 * Runs `faults` under writers on every chain. `progress` resolves when each chain has an entry that was sent and acknowledged
 * after its call.
 */
export async function underWriters(
  database: TestDatabase,
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
