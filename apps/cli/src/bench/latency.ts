/** Latencies of a run, in milliseconds. */
export class Latencies {
  private readonly values: number[] = [];

  async measure<T>(work: () => Promise<T>): Promise<T> {
    const started = process.hrtime.bigint();
    const result = await work();
    this.values.push(Number(process.hrtime.bigint() - started) / 1e6);
    return result;
  }

  /** Milliseconds, measured otherwise. */
  add(valueMs: number): void {
    this.values.push(valueMs);
  }

  get count(): number {
    return this.values.length;
  }

  /** The value below which this share of all lies. */
  percentile(share: number): number {
    const sorted = this.values.slice().sort((a, b) => a - b);
    return round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  }
}

export function round(value: number, digits = 2): number {
  return Number(value.toFixed(digits));
}
