import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Counts of changes in a group: from one request alone to the largest group. */
const GROUP_BUCKETS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000];
const SECONDS_BUCKETS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];

/** What a process tells Prometheus, one group of metrics a stage. Labels are chains, views and outcomes, never patients. */
export class Metrics {
  readonly registry = new Registry();

  readonly ingestRequests = new Counter({
    name: 'chartledger_ingest_requests_total',
    help: 'Requests that wanted to change records, by outcome',
    labelNames: ['outcome'],
    registers: [this.registry],
  });
  readonly sequenceGroup = new Histogram({
    name: 'chartledger_sequence_group_changes',
    help: 'Entries that were sequenced and appended together',
    labelNames: ['chain'],
    buckets: GROUP_BUCKETS,
    registers: [this.registry],
  });
  readonly appendSeconds = new Histogram({
    name: 'chartledger_append_seconds',
    help: 'Time until a group of entries was durable',
    labelNames: ['chain'],
    buckets: SECONDS_BUCKETS,
    registers: [this.registry],
  });
  readonly appendEntries = new Counter({
    name: 'chartledger_append_entries_total',
    help: 'Entries that were appended',
    labelNames: ['chain'],
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  /** A value that is read when Prometheus asks. */
  gauge(
    name: string,
    help: string,
    labelNames: string[],
    collect: (set: (labels: Record<string, string>, value: number) => void) => void,
  ): void {
    new Gauge({
      name,
      help,
      labelNames,
      registers: [this.registry],
      collect() {
        this.reset();
        collect((labels, value) => this.set(labels, value));
      },
    });
  }
}
