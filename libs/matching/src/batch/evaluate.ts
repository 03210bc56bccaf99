export interface Accuracy {
  precision: number;
  recall: number;
  f1: number;
}

/** Pairs of records of one person in the truth: within one table, or across two that are linked. */
export function truePairs(truth: readonly string[], source: readonly number[] | undefined): number {
  const counts = new Map<string, [number, number]>();
  truth.forEach((person, at) => {
    if (person === '') return;
    const count = counts.get(person) ?? [0, 0];
    count[source?.[at] ?? 0]++;
    counts.set(person, count);
  });
  let pairs = 0;
  for (const [a, b] of counts.values()) pairs += source ? a * b : (a * (a - 1)) / 2;
  return pairs;
}

export function accuracy(right: number, found: number, all: number): Accuracy {
  const precision = found === 0 ? 1 : right / found;
  const recall = all === 0 ? 1 : right / all;
  return { precision, recall, f1: right === 0 ? 0 : (2 * precision * recall) / (precision + recall) };
}

/**
 * Pairwise accuracy of a partition: every two records of one cluster are a pair that was found, every two of one person
 * a pair that was to be found. Across two tables only pairs across count.
 */
export function clusterAccuracy(
  cluster: Int32Array,
  truth: readonly string[],
  source: readonly number[] | undefined,
): Accuracy {
  const inside = new Map<string, [number, number]>();
  const whole = new Map<number, [number, number]>();
  truth.forEach((person, at) => {
    const side = source?.[at] ?? 0;
    count(whole, cluster[at], side);
    if (person !== '') count(inside, `${cluster[at]} ${person}`, side);
  });
  const pairs = ([a, b]: [number, number]): number => (source ? a * b : (a * (a - 1)) / 2);
  const right = [...inside.values()].reduce((sum, counts) => sum + pairs(counts), 0);
  const found = [...whole.values()].reduce((sum, counts) => sum + pairs(counts), 0);
  return accuracy(right, found, truePairs(truth, source));
}

function count<K>(counts: Map<K, [number, number]>, key: K, side: number): void {
  const entry = counts.get(key) ?? [0, 0];
  entry[side]++;
  counts.set(key, entry);
}
