import { type Metrics } from '@chartledger/platform';
import { type PopulationGauges } from './live/gauges.js';

export type QuestionKind = 'sql-run' | 'sql-export' | 'counts' | 'evaluate-measure';

/** Runs what answers a question, and notes how long it took. */
export type TimeQuestion = <T>(kind: QuestionKind, work: () => Promise<T>) => Promise<T>;

export const untimed: TimeQuestion = (_kind, work) => work();

export function timeBy({ populationSeconds }: Pick<Metrics, 'populationSeconds'>): TimeQuestion {
  return async (kind, work) => {
    const stop = populationSeconds.startTimer({ kind });
    try {
      return await work();
    } finally {
      stop();
    }
  };
}

/** The live views, read when Prometheus asks; nothing while none is kept. */
export function addPopulationMetrics(
  metrics: Metrics,
  views: { gauges(): Promise<PopulationGauges | undefined> },
): void {
  metrics.gauge(
    'chartledger_population_rows',
    'Rows of a live view, former versions included',
    ['view'],
    async (set) => {
      for (const { view, rows } of (await views.gauges())?.views ?? []) set({ view }, rows);
    },
  );
  metrics.gauge(
    'chartledger_population_lag_entries',
    'Entries that a live view does not have yet',
    ['view', 'chain'],
    async (set) => {
      for (const { view, lag } of (await views.gauges())?.views ?? [])
        for (const [chain, entries] of lag) set({ view, chain: String(chain) }, entries);
    },
  );
  metrics.gauge(
    'chartledger_population_filled_ratio',
    'How far a view is filled from the oldest entry on; 1 when it is read',
    ['view'],
    async (set) => {
      for (const { view, filled } of (await views.gauges())?.views ?? []) set({ view }, filled);
    },
  );
}
