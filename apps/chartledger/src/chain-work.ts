import { ChainTree } from '@chartledger/audit';
import { systemClock } from '@chartledger/platform';
import { type ViewSet } from '@chartledger/projection';
import { Registry, Sequencer } from '@chartledger/sequence';
import { verifierOf, type Base } from './base.js';

/** A chain that this process owns: its tree, which signs, and its sequencer. */
export interface ChainWork {
  tree: ChainTree;
  sequencer: Sequencer;
  /** Refuses new submissions, finishes those that wait, and signs what is not signed. */
  stop(): Promise<void>;
}

/**
 * Begins to sequence a chain. `views` MUST be running and keep the records view of the chain: it is what decisions stand
 * on. In this order: hold the log to its last checkpoint, then sequence.
 * @throws IntegrityError when the log is shorter than what was signed, or different.
 */
export async function beginChain(base: Base, views: ViewSet, chain: number): Promise<ChainWork> {
  const { store, pool, logger, metrics } = base;
  const { ledger, opener, tokens, keys, dataKeys } = store;
  const tree = new ChainTree(
    {
      ledger,
      store: store.checkpoints,
      file: store.checkpointFile(chain),
      signer: store.signer(chain),
      verifier: verifierOf(store, chain),
      clock: systemClock,
      logger,
    },
    chain,
  );
  await tree.start();
  const sequencer = new Sequencer(
    {
      ledger,
      views,
      keys: dataKeys,
      opener,
      grounds: { registry: new Registry(pool, views, opener, chain), tokens, pseudonymKey: keys.pseudonym },
      clock: systemClock,
      logger,
      metrics,
      onAppended: (entries) => tree.append(entries),
      onRecovered: (head) => tree.catchUpTo(head),
    },
    chain,
  );
  await sequencer.start();
  return {
    tree,
    sequencer,
    stop: async () => {
      await sequencer.stop();
      await tree.stop();
    },
  };
}
