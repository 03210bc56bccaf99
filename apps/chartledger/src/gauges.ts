import { type ChainTree } from '@chartledger/audit';
import { type Metrics } from '@chartledger/platform';
import { type Views } from '@chartledger/projection';
import { type Sequencer } from '@chartledger/sequence';

/** The state of each stage, read when it is asked for. */
export function addGauges(
  metrics: Metrics,
  views: Pick<Views, 'all'>,
  sequencers: ReadonlyMap<number, Sequencer>,
  trees: ReadonlyMap<number, ChainTree>,
): void {
  metrics.gauge('chartledger_sequence_waiting', 'Submissions that wait to be sequenced', ['chain'], (set) => {
    for (const [chain, sequencer] of sequencers) set({ chain: String(chain) }, sequencer.waiting);
  });
  metrics.gauge(
    'chartledger_project_lag_entries',
    'Entries that a view does not have yet',
    ['view', 'chain'],
    (set) => {
      for (const view of views.all()) {
        set({ view: view.name, chain: String(view.chain) }, view.lag);
      }
    },
  );
  metrics.gauge(
    'chartledger_project_lag_seconds',
    'Age of the entries that a view does not have yet',
    ['view', 'chain'],
    (set) => {
      for (const { name, chain, lagSeconds } of views.all()) {
        if (lagSeconds !== undefined) set({ view: name, chain: String(chain) }, lagSeconds);
      }
    },
  );
  metrics.gauge('chartledger_checkpoint_age_seconds', 'Age of the last checkpoint', ['chain'], (set) => {
    for (const [chain, tree] of trees)
      set({ chain: String(chain) }, (Date.now() - Date.parse(tree.checkpoint.time)) / 1000);
  });
  metrics.gauge('chartledger_checkpoint_lag_entries', 'Entries that no checkpoint covers yet', ['chain'], (set) => {
    for (const [chain, tree] of trees) set({ chain: String(chain) }, tree.size - tree.checkpoint.size);
  });
}
