import { ShareKeeper, type Share } from '@chartledger/database';
import { type IntegrityError } from '@chartledger/platform';
import { ViewSet, WatchedViews, type Projection } from '@chartledger/projection';
import { OwnerDirectory, RemoteSubmit } from '@chartledger/sequence';
import { projections, type Base, type Stops } from '../base.js';
import { publishChanges } from '../changes.js';
import { matchingShare } from '../matching.js';
import { type Assembly } from '../parts.js';

/** The first numbers of the advisory locks of views, one a view: 'view' in ASCII and up. */
const LOCK_CLASS = 0x76696577;

/**
 * The stage *project*, for every view but the records, which the sequencers keep: each view of each chain is kept by one
 * replica at a time.
 */
export async function projector(base: Base, stops: Stops): Promise<Omit<Assembly, 'stop'>> {
  const { store, pool, logger, metrics } = base;
  const kept = new Set<ViewSet>();
  const shares = projections(store)
    .filter(({ name }) => name !== 'records')
    .flatMap((projection, index) =>
      store.chains
        .filter((chain) => projection.reads(chain))
        .map((chain): Share => ({
          name: `view ${projection.name} of chain ${chain}`,
          lock: [LOCK_CLASS + index, chain],
          start: () => keepView(base, kept, projection, chain),
        })),
    );
  const keeper = new ShareKeeper(pool, [...shares, await matching(base, stops)], logger, base.onFatal);
  stops.add(() => keeper.stop());
  keeper.start();
  await publishChanges(base, stops);
  return {
    store,
    metrics,
    views: { all: () => [...kept].flatMap((views) => views.all()) },
    trees: new Map(),
    sequencers: new Map(),
  };
}

/** The matcher reads the views, whoever keeps them, and brings its decisions to the owner of the system's chain. */
async function matching(base: Base, stops: Stops): Promise<Share> {
  const { store, pool, logger } = base;
  const views = new WatchedViews(pool, store.ledger, projections(store), store.chains);
  await views.start();
  const remote = new RemoteSubmit(new OwnerDirectory(pool), logger);
  stops.add(async () => remote.close());
  return matchingShare(base, views, (submission) => remote.submit(submission));
}

async function keepView(
  base: Base,
  kept: Set<ViewSet>,
  projection: Projection,
  chain: number,
): Promise<() => Promise<void>> {
  const views = new ViewSet(base.runner, [projection], [chain]);
  await views.start();
  kept.add(views);
  const ending = new AbortController();
  const following = follow(base, views, chain, ending.signal);
  return async () => {
    kept.delete(views);
    ending.abort();
    await following;
    await views.stop();
  };
}

/** Tells the view of every entry that comes, by whatever process; the view reads it itself. */
async function follow(
  { store, logger, onFatal }: Base,
  views: ViewSet,
  chain: number,
  signal: AbortSignal,
): Promise<void> {
  const { seq } = await store.ledger.head(chain);
  views.announce(chain, seq);
  try {
    for await (const batch of store.ledger.follow(chain, seq + 1, signal)) {
      views.announce(chain, batch[batch.length - 1].seq);
    }
  } catch (error) {
    if (signal.aborted) return;
    logger.fatal({ stage: 'project', chain, error: (error as Error).message }, 'the ledger cannot be followed');
    onFatal(error as IntegrityError);
  }
}
