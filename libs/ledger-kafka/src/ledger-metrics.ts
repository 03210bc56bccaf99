import { type Metrics } from '@chartledger/platform';
import { type KafkaLedger } from './kafka-ledger.js';

/** What a reader of the topic leaves out. A few come of every lost race; many, of two writers on a chain. */
export function addLedgerMetrics(metrics: Metrics, ledger: Pick<KafkaLedger, 'rejectsOfOpen'>): void {
  metrics.counter(
    'chartledger_append_rejects_total',
    'Records of the topic, since this process reads the chain, that do not extend the chain and are skipped',
    ['chain'],
    async (set) => {
      for (const [chain, rejects] of await ledger.rejectsOfOpen()) set({ chain: String(chain) }, rejects);
    },
  );
}
