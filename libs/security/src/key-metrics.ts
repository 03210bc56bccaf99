import { type Metrics } from '@chartledger/platform';
import { type DataKeys } from './data-keys.js';

/** Where data keys came from: what is not cached costs a query, what is made a write. */
export function addKeyMetrics(metrics: Metrics, keys: Pick<DataKeys, 'lookups'>): void {
  metrics.counter(
    'chartledger_key_lookups_total',
    'Data keys that were needed, by where they came from: the cache of this process, the key store, or made',
    ['from'],
    (set) => {
      for (const [from, count] of Object.entries(keys.lookups)) set({ from }, count);
    },
  );
}
