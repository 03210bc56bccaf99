import { type Pool } from 'pg';
import { ShareKeeper, type Share } from '@chartledger/database';
import { type Ledger } from '@chartledger/ledger';
import { encodeHeaders, EventTopic, type KafkaOptions } from '@chartledger/ledger-kafka';
import { type Logger, type Metrics } from '@chartledger/platform';
import { EVENT_CONTENT_TYPE } from './change-event.js';
import { ChainPublisher } from './chain-publisher.js';

/** The first number of the two-part advisory locks of publishers: 'chng' in ASCII. */
const LOCK_CLASS = 0x63686e67;
const HOUR_MS = 3_600_000;

export interface ChangesContext {
  ledger: Ledger;
  /** For the locks of the chains; one connection is held. */
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
 * Processes share the chains by locks, which save the replicas from doing the same work; nothing rests on them. Makes the topic where there is none, then and whenever it was deleted.
 * @throws ConfigurationError when the topic is set so that events would be lost.
 */
export async function startChangesPublisher(context: ChangesContext): Promise<ChangesPublisher> {
  const { ledger, pool, chains, kafka, origin, retentionHours, logger, metrics } = context;
  const retentionMs = retentionHours < 0 ? -1 : retentionHours * HOUR_MS;
  const topic = new EventTopic(kafka, { partitions: Math.max(0, ...chains) + 1, retentionMs }, logger);
  await topic.ensure();
  const headers = encodeHeaders({ 'content-type': EVENT_CONTENT_TYPE });
  const held = new Map<number, ChainPublisher>();
  const shares = chains.map((chain): Share => {
    const openPartition = async (): Promise<ReturnType<EventTopic['partition']>> => {
      await topic.ensure();
      return topic.partition(chain);
    };
    return {
      name: `changes of chain ${chain}`,
      lock: [LOCK_CLASS, chain],
      start: () => {
        const publisher = new ChainPublisher({ ledger, openPartition, headers, origin, logger }, chain);
        const ending = new AbortController();
        const running = publisher.run(ending.signal);
        held.set(chain, publisher);
        return Promise.resolve(async () => {
          ending.abort();
          await running;
          held.delete(chain);
        });
      },
    };
  });
  // No start of a share reads the ledger: none can find it broken.
  const keeper = new ShareKeeper(pool, shares, logger, () => undefined);
  keeper.start();
  metrics?.gauge('chartledger_changes_lag_entries', 'Entries that are not published yet', ['chain'], (set) => {
    for (const [chain, { lag }] of held) set({ chain: String(chain) }, lag);
  });
  return {
    errors: () => new Map([...held].flatMap(([chain, { error }]) => (error ? [[chain, error] as const] : []))),
    stop: () => keeper.stop(),
  };
}
