import { StoredTree } from '@chartledger/audit';
import { WatchedViews } from '@chartledger/projection';
import { matcherElsewhere } from '../asking.js';
import { projections, verifierOf, type Base, type Stops } from '../base.js';
import { type Submit } from '@chartledger/ingest';
import { followPatients } from '../matching.js';
import { startPopulation } from '../population.js';
import { OwnerDirectory, RemoteSubmit } from '@chartledger/sequence';
import { queryParts, type Assembly } from '../parts.js';

/** The stage *query*: answers from the views that others keep and the trees that others sign. */
export async function query(base: Base, stops: Stops): Promise<Omit<Assembly, 'stop'>> {
  const { store, pool, logger, metrics } = base;
  const views = new WatchedViews(pool, store.ledger, projections(store), store.chains);
  await views.start();
  const trees = new Map(
    store.chains.map((chain) => [
      chain,
      new StoredTree(store.ledger, store.checkpoints, verifierOf(store, chain), chain),
    ]),
  );
  const remote = new RemoteSubmit(new OwnerDirectory(pool), logger);
  stops.add(async () => remote.close());
  const submit: Submit = (submission) => remote.submit(submission);
  const patients = followPatients(base, views);
  stops.add(() => patients.stop());
  return {
    store,
    metrics,
    views,
    trees: new Map(),
    sequencers: new Map(),
    query: queryParts(
      base,
      views,
      trees,
      { population: startPopulation(base, stops), submit, matcher: matcherElsewhere(base, views, patients) },
      stops,
    ),
  };
}
