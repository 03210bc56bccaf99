export interface FailoverParameters {
  chains: number;
  sequencers: number;
  brokers: number;
  lost: { sequencer: boolean; broker: boolean };
  policy: 'all' | 'one' | 'share';
  lockFallMs: number;
  pollMs: number;
  lockMs: number;
  openMs: number;
  lagEntries: number;
  catchUpPerSecond: number;
  gatewayRetryMs: number;
  sessionMs: number;
  heartbeatMs: number;
  electionMs: number;
  retryMs: number;
  readBackMs: number;
  hangMs: number;
}
export const PARAMETERS: FailoverParameters;
export function simulateFailover(
  parameters: FailoverParameters,
  seed: number,
): { writableMs: number[]; owned: number[] };
export function failoverTable(): string;
