import { startChangesPublisher } from '@chartledger/changes';
import { SYSTEM_CHAIN } from '@chartledger/ledger';
import { type Base, type Stops } from './base.js';
import { kafkaOptions } from './open-ledger.js';

/** Publishes what is accepted to `chartledger.changes`, where the ledger is over Kafka and the configuration wants it. */
export async function publishChanges({ config, store, pool, logger, metrics }: Base, stops: Stops): Promise<void> {
  const { kafka, changes } = config;
  if (!kafka || !changes) return;
  const { topic, compression, retentionHours } = changes;
  const publisher = await startChangesPublisher({
    ledger: store.ledger,
    pool,
    chains: store.chains.filter((chain) => chain !== SYSTEM_CHAIN),
    kafka: { ...kafkaOptions(kafka), topic, compression },
    origin: config.origin,
    retentionHours,
    logger,
    metrics,
  });
  stops.add(() => publisher.stop());
}
