import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Counts of changes in a group: from one request alone to the largest group. */
const GROUP_BUCKETS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000];
const SECONDS_BUCKETS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];
/** From rows that are kept to a measure of everybody. */
const QUESTION_BUCKETS = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 120];
/** From one small resource to the largest body that is taken by default. */
const BYTES_BUCKETS = [1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536].map((kib) => kib * 1024);

type Collect = (set: (labels: Record<string, string>, value: number) => void) => void | Promise<void>;

/** What a process tells Prometheus, one group of metrics a stage. Labels are chains, views and outcomes, never patients. */
export class Metrics {
  readonly registry = new Registry();

  readonly ingestRequests = new Counter({
    name: 'chartledger_ingest_requests_total',
    help: 'Requests that wanted to change records, by outcome',
    labelNames: ['outcome'],
    registers: [this.registry],
  });
  readonly ingestBodyBytes = new Histogram({
    name: 'chartledger_ingest_body_bytes',
    help: 'Bodies of such requests by their Content-Length, before decompression',
    buckets: BYTES_BUCKETS,
    registers: [this.registry],
  });
  readonly requestSeconds = new Histogram({
    name: 'chartledger_http_request_seconds',
    help: 'Time to answer a request of stage ingest or query, by HTTP status; aborted: the client went away',
    labelNames: ['stage', 'status'],
    buckets: SECONDS_BUCKETS,
    registers: [this.registry],
  });
  readonly sequenceSeconds = new Histogram({
    name: 'chartledger_sequence_seconds',
    help: 'Time of a submission from the queue to its answer',
    labelNames: ['chain'],
    buckets: SECONDS_BUCKETS,
    registers: [this.registry],
  });
  readonly sequenceSubmissions = new Counter({
    name: 'chartledger_sequence_submissions_total',
    help: 'Submissions by what became of them: accepted, repeated, refused, or failed (unknown, or not recorded)',
    labelNames: ['chain', 'outcome'],
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
  readonly appendLostRaces = new Counter({
    name: 'chartledger_append_lost_races_total',
    help: 'Groups that another writer of the chain was ahead of, and that were sequenced again',
    labelNames: ['chain'],
    registers: [this.registry],
  });
  readonly appendUnknown = new Counter({
    name: 'chartledger_append_unknown_total',
    help: 'Groups of which it is not known whether they were appended',
    labelNames: ['chain'],
    registers: [this.registry],
  });
  readonly projectBatch = new Histogram({
    name: 'chartledger_project_batch_entries',
    help: 'Entries that a view wrote together',
    labelNames: ['view'],
    buckets: GROUP_BUCKETS,
    registers: [this.registry],
  });
  readonly projectSeconds = new Histogram({
    name: 'chartledger_project_batch_seconds',
    help: 'Time in which a view wrote a batch',
    labelNames: ['view'],
    buckets: SECONDS_BUCKETS,
    registers: [this.registry],
  });
  readonly projectFailures = new Counter({
    name: 'chartledger_project_failures_total',
    help: 'Times that a view failed, and began to try again',
    labelNames: ['view'],
    registers: [this.registry],
  });
  readonly populationSeconds = new Histogram({
    name: 'chartledger_population_question_seconds',
    help: 'Time in which a question of population health was answered, refused ones too, by kind',
    labelNames: ['kind'],
    buckets: QUESTION_BUCKETS,
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  /** A value that is read when Prometheus asks. */
  gauge(name: string, help: string, labelNames: string[], collect: Collect): void {
    new Gauge({
      name,
      help,
      labelNames,
      registers: [this.registry],
      collect() {
        this.reset();
        return collect((labels, value) => this.set(labels, value));
      },
    });
  }

  /** A count that a part keeps itself, read when Prometheus asks. It MUST NOT fall while the process runs. */
  counter(name: string, help: string, labelNames: string[], collect: Collect): void {
    new Counter({
      name,
      help,
      labelNames,
      registers: [this.registry],
      collect() {
        this.reset();
        return collect((labels, value) => this.inc(labels, value));
      },
    });
  }
}
