/** http://terminology.hl7.org/CodeSystem/measure-aggregate-method */
export const AGGREGATE_METHODS = ['sum', 'average', 'median', 'minimum', 'maximum', 'count'] as const;
export type AggregateMethod = (typeof AGGREGATE_METHODS)[number];

/** One number for many; undefined for none of them, but for `sum` and `count`, which are 0. */
export function aggregate(method: AggregateMethod, values: readonly number[]): number | undefined {
  if (method === 'count') return values.length;
  if (method === 'sum') return sum(values);
  if (values.length === 0) return undefined;
  switch (method) {
    case 'average':
      return sum(values) / values.length;
    case 'median': {
      const sorted = values.slice().sort((a, b) => a - b);
      const middle = sorted.length >> 1;
      return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
    case 'minimum':
      return values.reduce((least, value) => Math.min(least, value));
    case 'maximum':
      return values.reduce((most, value) => Math.max(most, value));
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
