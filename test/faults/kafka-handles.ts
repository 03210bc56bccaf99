import { openDataSource, type Connection } from '@chartledger/database';
import { KafkaLedger, topicTables, type KafkaOptions } from '@chartledger/ledger-kafka';
import { createLogger } from '@chartledger/platform';

/** The server has 60 for all handles of a test together. */
const POOL_SIZE = 6;

/** A handle on a ledger, with connections of its own as another process would have. */
export interface Handle {
  ledger: KafkaLedger;
  close(): Promise<void>;
}

export async function openHandle(connection: Connection, options: KafkaOptions, chains: number): Promise<Handle> {
  const source = await openDataSource(connection, topicTables, POOL_SIZE);
  try {
    const ledger = await KafkaLedger.open(source, options, chains, createLogger('fatal'));
    const close = async (): Promise<void> => {
      await ledger.close();
      await source.destroy();
    };
    return { ledger, close };
  } catch (error) {
    await source.destroy();
    throw error;
  }
}
