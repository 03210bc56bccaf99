/** What `chartledger bench` was asked for. */
export interface BenchOptions {
  data?: string;
  clients?: number;
  workload: 'bundles' | 'observation' | 'pair';
  requests?: number;
  entries?: number;
  batch?: number;
  patients?: number;
  cold?: boolean;
}

/** One line of figures; `bench` first. */
export type BenchResult = { bench: string } & Record<string, string | number>;
