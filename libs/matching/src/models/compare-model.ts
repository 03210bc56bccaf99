import { formatPosition, parsePosition, parsePositions, SYSTEM_CHAIN } from '@chartledger/ledger';
import { threadsFor } from '../batch/match-tables.js';
import { APPLYING, StageProgress } from '../batch/stage-progress.js';
import { type Model } from '../engine/model.js';
import { type PersonFields } from '../engine/person-fields.js';
import { type Difference } from '../online/differences.js';
import { clustersOf } from '../online/model-decision.js';
import { OnlineTable } from '../online/online-table.js';
import { rematch } from '../online/rematch.js';
import { Rulings } from '../online/rulings.js';
import { pairOf, type Pair, type RecordName } from '../persons/person-entries.js';
import { PERSONS } from '../persons/persons.projection.js';
import { readStanding, rulingsAt } from '../persons/standing-persons.js';
import { basisOf } from '../online/decision-entries.js';
import { eachPatient, type LedgerPatients } from './ledger-patients.js';
import { type ModelOptions } from './learn-from-ledger.js';

/** Two records, and what they score under the model that is compared: thousandths of a bit. */
export interface PairExample {
  pair: Pair;
  score: number;
}

/** What a model would change of who is whom. */
export interface ModelComparison {
  /** Its version, and the position of the entry of the one in force (absent for the one that ships). */
  model: string;
  inForce?: string;
  /** Records are being matched anew under a model that was adopted: what stands is not all of one model. */
  isUnsettled: boolean;
  basis: string;
  records: number;
  /** Groups of records about which it decides otherwise, and the records in them. */
  groups: number;
  recordsInGroups: number;
  /** Pairs of records that are one person: that stand, would come and would go. */
  pairs: { before: number; linked: number; unlinked: number };
  /** Absorbed: would become part of another; split: would lose records to others; born: would be new. */
  persons: { before: number; after: number; absorbed: number; split: number; born: number };
  /** Pairs that wait for a steward: that would be asked about, answered by a link, and taken back. */
  reviews: { before: number; asked: number; linked: number; withdrawn: number };
  examples: { linked: PairExample[]; unlinked: PairExample[]; asked: PairExample[] };
}

/**
 * Runs a model beside the one in force over all Patients that are matched, set-based, and says what would come out
 * otherwise. Stewards' rulings hold. Nothing is changed; what it says is what adopting the model would do.
 * @param most examples of each kind, by record reference.
 */
export async function compareModel(
  patients: LedgerPatients,
  model: Model,
  { threads, onProgress, most }: ModelOptions & { most: number },
): Promise<ModelComparison> {
  const { pool, views } = patients;
  const { schema, applied } = views.view(PERSONS, SYSTEM_CHAIN);
  const standing = await readStanding(pool, schema, applied);
  const fence = standing.fence?.progress;
  const matched = new Map(parsePositions(fence?.matched ?? ''));
  matched.delete(SYSTEM_CHAIN);
  const progress = new StageProgress(APPLYING, onProgress);
  progress.begin('read');
  const table = new OnlineTable(model);
  const names: RecordName[] = [];
  const rows = new Map<RecordName, number>();
  const add = (name: RecordName, fields: PersonFields): void => {
    const row = table.add(fields);
    names[row] = name;
    rows.set(name, row);
  };
  await eachPatient(patients, matched, add, progress.part);
  const rulings = new Rulings(await rulingsAt(pool, schema, applied));
  const running = rematch(pool, standing, { table, names }, rulings, {
    threads: threadsFor(table.size, threads),
    progress,
  });
  const score = ([one, other]: Pair): number => table.score(rows.get(one)!, rows.get(other)!);
  const found = new Changes(score, most);
  let next = await running.next();
  for (; !next.done; next = await running.next()) found.add(next.value);
  const { totals } = next.value;
  const under = fence?.model;
  return {
    model: model.version,
    ...(standing.model === undefined ? {} : { inForce: formatPosition(SYSTEM_CHAIN, standing.model) }),
    isUnsettled: standing.model !== (under === undefined ? undefined : parsePosition(under)?.seq),
    basis: basisOf(standing, matched),
    records: table.size,
    ...found.summary(totals),
  };
}

/** Sums up differences. */
class Changes {
  private readonly groups = { groups: 0, recordsInGroups: 0 };
  private readonly pairs = { linked: 0, unlinked: 0 };
  private readonly persons = { absorbed: 0, split: 0, born: 0, emptied: 0 };
  private readonly reviews = { asked: 0, linked: 0, withdrawn: 0 };
  private readonly examples: ModelComparison['examples'] = { linked: [], unlinked: [], asked: [] };

  constructor(
    private readonly score: (pair: Pair) => number,
    private readonly most: number,
  ) {}

  add({ unit, changes, asked, closed }: Difference): void {
    const before = unit.persons.map(({ members }) => [...members.keys()]);
    const after = clustersOf(unit.neighbourhoods);
    this.groups.groups++;
    this.groups.recordsInGroups += after.reduce((sum, names) => sum + names.length, 0);
    const linked = pairsNotIn(after, before);
    const unlinked = pairsNotIn(before, after);
    this.pairs.linked += linked.length;
    this.pairs.unlinked += unlinked.length;
    for (const { state, version, kind } of changes) {
      if (state === 'absorbed') this.persons.absorbed++;
      if (state === 'empty') this.persons.emptied++;
      if (version === undefined) this.persons.born++;
      else if (kind === 'person.split') this.persons.split++;
    }
    this.reviews.asked += asked.length;
    for (const { outcome } of closed) this.reviews[outcome]++;
    const best = (pairs: readonly Pair[], sign: 1 | -1): PairExample | undefined =>
      pairs
        .map((pair) => ({ pair, score: this.score(pair) }))
        .sort((a, b) => sign * (b.score - a.score))
        .at(0);
    this.keep('linked', best(linked, 1));
    // Of a record that is gone there is nothing to score.
    const there = new Set(after.flat());
    this.keep(
      'unlinked',
      best(
        unlinked.filter((pair) => pair.every((name) => there.has(name))),
        -1,
      ),
    );
    this.keep('asked', asked.at(0));
  }

  private keep(kind: keyof ModelComparison['examples'], example: PairExample | undefined): void {
    const kept = this.examples[kind];
    if (example && kept.length < this.most) kept.push({ pair: example.pair, score: example.score });
  }

  summary(totals: {
    persons: number;
    pairs: number;
    reviews: number;
  }): Pick<ModelComparison, 'groups' | 'recordsInGroups' | 'pairs' | 'persons' | 'reviews' | 'examples'> {
    const { absorbed, split, born, emptied } = this.persons;
    return {
      ...this.groups,
      pairs: { before: totals.pairs, ...this.pairs },
      persons: { before: totals.persons, after: totals.persons + born - absorbed - emptied, absorbed, split, born },
      reviews: { before: totals.reviews, ...this.reviews },
      examples: this.examples,
    };
  }
}

/** The pairs within the groups that are in no group of the others. */
function pairsNotIn(groups: readonly (readonly RecordName[])[], others: readonly (readonly RecordName[])[]): Pair[] {
  const otherOf = new Map<RecordName, number>();
  others.forEach((names, at) => names.forEach((name) => otherOf.set(name, at)));
  return groups.flatMap((names) =>
    names.flatMap((one, at) =>
      names
        .slice(at + 1)
        .filter((other) => otherOf.get(one) === undefined || otherOf.get(one) !== otherOf.get(other))
        .map((other) => pairOf(one, other)),
    ),
  );
}
