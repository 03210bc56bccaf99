/** What `chartledger bench` was asked for. */
export interface BenchOptions {
  data?: string;
  /** match: where the pairs and clusters are written. */
  out?: string;
  /** match: `column=field`, more of them after commas. */
  map?: string;
  clients?: number;
  workload: 'bundles' | 'observation' | 'pair';
  requests?: number;
  entries?: number;
  records?: number;
  batch?: number;
  patients?: number;
  seed?: number;
  rows?: number;
  cold?: boolean;
  /** Over a Kafka of so many brokers, started for it. */
  kafka?: 1 | 3;
}

/** One line of figures; `bench` first. */
export type BenchResult = { bench: string } & Record<string, string | number>;
