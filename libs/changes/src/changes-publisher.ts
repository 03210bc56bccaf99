import { type Pool } from 'pg';
import { type Ledger } from '@chartledger/ledger';
import { encodeHeaders, EventTopic, type KafkaOptions } from '@chartledger/ledger-kafka';
import { type Logger, type Metrics } from '@chartledger/platform';
import { EVENT_CONTENT_TYPE } from './change-event.js';
import { whileLocked } from './chain-lock.js';
import { ChainPublisher } from './chain-publisher.js';

const HOUR_MS = 3_600_000;

export interface ChangesContext {
  ledger: Ledger;
  /** For the lock of each chain; one connection a chain is held. */
  pool: Pool;
  /** The chains to publish, chain 0 left out: the system's entries are no versions of records. */
  chains: readonly number[];
  /** As for the ledger, with the topic's own name and compression. */
  kafka: KafkaOptions;
  /** The ledger's name, as in its checkpoints. */
  origin: string;
  /** Of a topic that is made; -1 keeps everything. */
  retentionHours: number;
  logger: Logger;
  metrics?: Metrics;
}

/** What publishes in this process. */
export interface ChangesPublisher {
  /** Why a chain is not published now, by chain; of a chain that another process publishes nothing is known. */
  errors(): ReadonlyMap<number, Error>;
  /** Ends at once; what is under way is not waited for, since the next publisher reads what came of it. */
  stop(): Promise<void>;
}

/**
 * Publishes one event for each accepted version, chain by chain, on the partition of the chain's number, until `stop`.
 * Processes share the chains by a lock. Makes the topic where there is none, then and whenever it was deleted.
 * @throws ConfigurationError when the topic is set so that events would be lost.
 */
export async function startChangesPublisher(context: ChangesContext): Promise<ChangesPublisher> {
  const { ledger, pool, chains, kafka, origin, retentionHours, logger, metrics } = context;
  const retentionMs = retentionHours < 0 ? -1 : retentionHours * HOUR_MS;
  const topic = new EventTopic(kafka, { partitions: Math.max(0, ...chains) + 1, retentionMs }, logger);
  await topic.ensure();
  const stopping = new AbortController();
  const headers = encodeHeaders({ 'content-type': EVENT_CONTENT_TYPE });
  const held = new Map<number, ChainPublisher>();
  const runs = chains.map((chain) => {
    const openPartition = async (): Promise<ReturnType<EventTopic['partition']>> => {
      await topic.ensure();
      return topic.partition(chain);
    };
    const publisher = new ChainPublisher({ ledger, openPartition, headers, origin, logger }, chain);
    return whileLocked(pool, chain, stopping.signal, async (signal) => {
      held.set(chain, publisher);
      await publisher.run(signal).finally(() => held.delete(chain));
    });
  });
  metrics?.gauge('chartledger_changes_lag_entries', 'Entries that are not published yet', ['chain'], (set) => {
    for (const [chain, { lag }] of held) set({ chain: String(chain) }, lag);
  });
  return {
    errors: () => new Map([...held].flatMap(([chain, { error }]) => (error ? [[chain, error] as const] : []))),
    stop: async () => {
      stopping.abort();
      await Promise.all(runs);
    },
  };
}
