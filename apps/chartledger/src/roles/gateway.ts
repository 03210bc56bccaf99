import { WatchedViews } from '@chartledger/projection';
import { OwnerDirectory, RemoteSubmit } from '@chartledger/sequence';
import { projections, type Base, type Stops } from '../base.js';
import { ingestParts, type Assembly } from '../parts.js';

/** The stage *ingest*: reads what it is sent, and brings it to the sequencer that owns the source's chain. */
export async function gateway(base: Base, stops: Stops): Promise<Omit<Assembly, 'stop'>> {
  const { store, pool, logger, metrics } = base;
  const views = new WatchedViews(pool, store.ledger, projections(store), store.chains);
  await views.start();
  const remote = new RemoteSubmit(new OwnerDirectory(pool), logger);
  stops.add(async () => remote.close());
  const ingest = await ingestParts(base, views, (submission) => remote.submit(submission), stops);
  return { store, metrics, views, trees: new Map(), sequencers: new Map(), ingest };
}
