import { type CountedPatients } from './counted-classes.js';
import { type ColumnKind, type Dimension, type Label } from './question.js';

/**
 * The values of each dimension that the answer names: those of at least `threshold` patients, and those that the question
 * names itself. That somebody has a rare value is an answer too, so all others are one level without a name.
 */
export function namedLevels(
  dimensions: readonly Dimension[],
  patients: readonly CountedPatients[],
  threshold: number,
): Label[][] {
  return dimensions.map(({ kind, values }, d) => {
    if (values) return sorted(values, kind);
    const counts = new Map<Label, number>();
    for (const { count, rows } of patients) {
      const own = new Set(rows.flatMap(({ question, values }) => (question === 0 ? [values[d]] : [])));
      for (const value of own) counts.set(value, (counts.get(value) ?? 0) + count);
    }
    return sorted(
      [...counts].flatMap(([value, count]) => (count >= threshold ? [value] : [])),
      kind,
    );
  });
}

/** Numbers by size, the rest by their characters; what is missing comes last. */
function sorted(values: readonly Label[], kind: ColumnKind): Label[] {
  return [...values].sort((a, b) => {
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
    if (kind === 'number' && Number(a) !== Number(b)) return Number(a) - Number(b);
    return a < b ? -1 : a > b ? 1 : 0;
  });
}
