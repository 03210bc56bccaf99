import { type ChainTree } from '@chartledger/audit';
import { ShareKeeper, type Share } from '@chartledger/database';
import { ViewSet } from '@chartledger/projection';
import { RecordsProjection } from '@chartledger/records';
import { chainLock, OwnerDirectory, type Sequencer } from '@chartledger/sequence';
import { type Base, type Stops } from '../base.js';
import { beginChain } from '../chain-work.js';
import { type Assembly } from '../parts.js';

/**
 * The stages *sequence* and *append*, for the chains that it can get hold of. It keeps the records view of each itself:
 * that is what its decisions stand on, brought up to the head before the first one.
 */
export async function sequencer(base: Base, stops: Stops): Promise<Omit<Assembly, 'stop'>> {
  const { store, pool, logger, metrics, config } = base;
  const trees = new Map<number, ChainTree>();
  const sequencers = new Map<number, Sequencer>();
  const kept = new Set<ViewSet>();
  const owners = new OwnerDirectory(pool);
  let url = '';

  const shares = store.chains.map((chain): Share => ({
    name: `chain ${chain}`,
    lock: chainLock(chain),
    start: async () => {
      const views = new ViewSet(base.runner, [new RecordsProjection(store.tokens)], [chain]);
      await views.start();
      const work = await beginChain(base, views, chain).catch(async (error: Error) => {
        await views.stop();
        throw error;
      });
      kept.add(views);
      trees.set(chain, work.tree);
      sequencers.set(chain, work.sequencer);
      await owners.publish(chain, url);
      return async () => {
        sequencers.delete(chain);
        trees.delete(chain);
        kept.delete(views);
        await owners.withdraw(chain, url).catch((error: Error) => {
          logger.warn(
            { stage: 'sequence', chain, error: error.message },
            'the published address could not be withdrawn',
          );
        });
        await work.stop();
        await views.stop();
      };
    },
  }));
  const keeper = new ShareKeeper(pool, shares, logger, base.onFatal);
  stops.add(() => keeper.stop());
  return {
    store,
    metrics,
    views: { all: () => [...kept].flatMap((views) => views.all()) },
    trees,
    sequencers,
    onListening: (own) => {
      url = config.advertisedUrl ?? own;
      keeper.start();
    },
  };
}
