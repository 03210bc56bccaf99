import { type ChainTree } from '@chartledger/audit';
import { type Submit } from '@chartledger/ingest';
import { DecisionLock } from '@chartledger/matching';
import { ViewSet } from '@chartledger/projection';
import { ownChain, type Sequencer } from '@chartledger/sequence';
import { matcherHere } from '../asking.js';
import { projections, type Base, type Stops } from '../base.js';
import { beginChain } from '../chain-work.js';
import { publishChanges } from '../changes.js';
import { matcherOf } from '../matching.js';
import { concernsViews, startPopulation } from '../population.js';
import { ingestParts, queryParts, type Assembly } from '../parts.js';

/** Every stage in one process: own the chains, bring the views up to the head, then sequence, then serve. */
export async function allInOne(base: Base, stops: Stops): Promise<Omit<Assembly, 'stop'>> {
  const { store, pool, metrics } = base;
  for (const chain of store.chains) {
    const owner = await ownChain(pool, chain);
    stops.add(() => owner.release());
  }
  const views = new ViewSet(base.runner, projections(store), store.chains);
  stops.add(() => views.stop());
  await views.start();
  const trees = new Map<number, ChainTree>();
  const sequencers = new Map<number, Sequencer>();
  for (const chain of store.chains) {
    const { tree, sequencer, stop } = await beginChain(base, views, chain);
    stops.add(stop);
    trees.set(chain, tree);
    sequencers.set(chain, sequencer);
  }
  const population = startPopulation(base, stops);
  const submit: Submit = (submission) => {
    if (concernsViews(submission)) population.wake();
    return sequencers.get(submission.source.chain)!.submit(submission);
  };
  // It owns the system's chain: nobody else decides.
  const lock = new DecisionLock();
  const matcher = matcherOf(base, views, submit, lock);
  views.listen((chain, entries) => matcher.publish(chain, entries));
  matcher.start();
  stops.add(() => matcher.stop());
  const access = matcherHere(base, views, matcher, lock);
  const ingest = await ingestParts(base, views, submit, stops, access);
  await publishChanges(base, stops);
  const query = queryParts(base, views, trees, { population, submit, matcher: access }, stops);
  return { store, metrics, views, trees, sequencers, ingest, query, matcher };
}
