import { accuracy, type Accuracy } from '@chartledger/matching';

/** A Patient record: who it is of, and whose it was taken for. */
export interface TownRecord {
  source: string;
  /** By the truth. */
  person: string;
  /** The kinds of error that it was sent with. */
  errors: readonly string[];
  /** The id of the person that the server found. */
  assigned: string;
}

/** Pairs of which at least one record has the error. A pair with two errors counts at both. */
export interface KindCounts {
  kind: string;
  /** Pairs of one person, and those of them that were not linked. */
  pairs: number;
  missed: number;
  /** Pairs that were linked and are of two people. */
  wrong: number;
}

export interface TownScore extends Accuracy {
  pairs: number;
  missed: number;
  wrong: number;
  /** The most frequent kind first; `none` last. */
  kinds: KindCounts[];
}

const NO_ERROR = 'none';

/** Every two records of one person by the truth against every two of one person by the server. */
export function scoreTown(records: readonly TownRecord[]): TownScore {
  const kinds = new Map<string, KindCounts>();
  const total = { pairs: 0, missed: 0, wrong: 0 };
  const count = (one: TownRecord, other: TownRecord, what: 'pairs' | 'missed' | 'wrong'): void => {
    total[what]++;
    const errors = new Set([...one.errors, ...other.errors]);
    for (const kind of errors.size > 0 ? errors : [NO_ERROR]) {
      let counts = kinds.get(kind);
      if (!counts) kinds.set(kind, (counts = { kind, pairs: 0, missed: 0, wrong: 0 }));
      counts[what]++;
    }
  };
  forEachPair(records, 'person', (one, other) => {
    count(one, other, 'pairs');
    if (one.assigned !== other.assigned) count(one, other, 'missed');
  });
  forEachPair(records, 'assigned', (one, other) => {
    if (one.person !== other.person) count(one, other, 'wrong');
  });
  const right = total.pairs - total.missed;
  const last = (kind: string): number => (kind === NO_ERROR ? 1 : 0);
  return {
    ...total,
    ...accuracy(right, right + total.wrong, total.pairs),
    kinds: [...kinds.values()].sort(
      (a, b) => last(a.kind) - last(b.kind) || b.pairs - a.pairs || (a.kind < b.kind ? -1 : 1),
    ),
  };
}

function forEachPair(
  records: readonly TownRecord[],
  by: 'person' | 'assigned',
  visit: (one: TownRecord, other: TownRecord) => void,
): void {
  const groups = new Map<string, TownRecord[]>();
  for (const record of records) {
    const group = groups.get(record[by]);
    if (!group) {
      groups.set(record[by], [record]);
      continue;
    }
    for (const other of group) visit(other, record);
    group.push(record);
  }
}

/** The table of `docs/matching.md`. */
export function errorTable(kinds: readonly KindCounts[]): string[] {
  return [
    '| Error | Pairs | Missed | Wrong |',
    '| --- | --- | --- | --- |',
    ...kinds.map(({ kind, pairs, missed, wrong }) => `| ${kind} | ${pairs} | ${missed} | ${wrong} |`),
  ];
}
