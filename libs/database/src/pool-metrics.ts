import { type Pool } from 'pg';
import { type Metrics } from '@chartledger/platform';

/** How the process's connections are used. Waiting callers mean that the pool is too small for the chains it serves. */
export function addPoolMetrics(metrics: Metrics, pool: Pool): void {
  metrics.gauge(
    'chartledger_database_connections',
    'Connections to PostgreSQL, by whether they are used',
    ['state'],
    (set) => {
      set({ state: 'used' }, pool.totalCount - pool.idleCount);
      set({ state: 'idle' }, pool.idleCount);
    },
  );
  metrics.gauge('chartledger_database_connections_max', 'Connections that the process may open', [], (set) =>
    set({}, pool.options.max),
  );
  metrics.gauge('chartledger_database_waiting', 'Callers that wait for a connection', [], (set) =>
    set({}, pool.waitingCount),
  );
}
