import { formatPosition } from '@chartledger/ledger';
import { assignPersons } from '../persons/assign.js';
import { type PersonBefore, type PersonChange } from '../persons/reassign.js';
import {
  MAX_PAIRS,
  pairOf,
  type ModelEvidence,
  type Pair,
  type PersonDecision,
  type RecordName,
} from '../persons/person-entries.js';
import { type OpenReview } from '../persons/standing-persons.js';
import { explainPair } from './explain-pair.js';
import { type ComparedRecords, type Neighbourhood } from './neighbourhood.js';
import { type RecordIndex } from './record-index.js';
import { partsOf } from './tentative-parts.js';

/** Tasks of one unit; a heap of records that are all somewhat alike is not asked about pair by pair. */
const MAX_REVIEWS = 50;

/** Neighbourhoods that persons hold together, decided at once: what is one person now may be of several. */
export interface Unit {
  neighbourhoods: Neighbourhood[];
  persons: PersonBefore[];
  reviews: OpenReview[];
}

/** What the matcher says of a unit. */
export interface UnitDecision {
  changes: PersonChange[];
  evidence: ModelEvidence;
  /** Pairs that a steward is to look at from now on, and what became of those that waited. */
  asked: { pair: Pair; score: number }[];
  closed: (OpenReview & { outcome: 'linked' | 'withdrawn' })[];
}

/** Groups neighbourhoods that share a person. Reviews belong to the unit that has one of their records. */
export function unitsOf(
  neighbourhoods: readonly Neighbourhood[],
  persons: readonly PersonBefore[],
  reviews: readonly OpenReview[],
): Unit[] {
  const unitOf = new Map<RecordName, Unit>();
  const units = new Set<Unit>();
  const merge = (into: Unit, other: Unit): void => {
    if (into === other) return;
    into.neighbourhoods.push(...other.neighbourhoods);
    into.persons.push(...other.persons);
    for (const { records } of other.neighbourhoods) for (const name of records) unitOf.set(name, into);
    for (const { members } of other.persons) for (const name of members.keys()) unitOf.set(name, into);
    units.delete(other);
  };
  for (const neighbourhood of neighbourhoods) {
    const unit: Unit = { neighbourhoods: [neighbourhood], persons: [], reviews: [] };
    units.add(unit);
    for (const name of neighbourhood.records) unitOf.set(name, unit);
  }
  for (const person of persons) {
    const own: Unit = { neighbourhoods: [], persons: [person], reviews: [] };
    units.add(own);
    for (const name of person.members.keys()) {
      const other = unitOf.get(name);
      if (other) merge(own, other);
      unitOf.set(name, own);
    }
  }
  for (const review of reviews) (unitOf.get(review.pair[0]) ?? unitOf.get(review.pair[1]))?.reviews.push(review);
  for (const unit of units) unit.neighbourhoods.sort((a, b) => (a.records[0] < b.records[0] ? -1 : 1));
  return [...units].sort((a, b) => (firstOf(a) < firstOf(b) ? -1 : 1));
}

/** Pure: from the same records, model, rulings and persons the same. */
export function decideUnit(
  index: RecordIndex,
  unit: Unit,
  modelAt: string | undefined,
  newId: (first: RecordName) => string,
): UnitDecision {
  return { ...whatBecomes(index, unit, newId), evidence: evidenceOf(index, unit.neighbourhoods, modelAt) };
}

/** What is decided on a unit, without why. */
export function whatBecomes(
  index: ComparedRecords,
  { neighbourhoods, persons, reviews }: Unit,
  newId: (first: RecordName) => string,
): Omit<UnitDecision, 'evidence'> {
  return {
    changes: assignPersons(clustersOf(neighbourhoods), persons, newId),
    ...reviewsOf(index, neighbourhoods, reviews),
  };
}

/** The records of each person-to-be. */
export function clustersOf(neighbourhoods: readonly Neighbourhood[]): RecordName[][] {
  return neighbourhoods
    .flatMap(({ records, clusters }) => clusters.map((cluster) => cluster.map((at) => records[at])))
    .sort((a, b) => (a[0] < b[0] ? -1 : 1));
}

function evidenceOf(
  index: RecordIndex,
  neighbourhoods: readonly Neighbourhood[],
  modelAt: string | undefined,
): ModelEvidence {
  const { version, thresholds } = index.model;
  const offsets: number[] = [];
  let count = 0;
  for (const { records } of neighbourhoods) {
    offsets.push(count);
    count += records.length;
  }
  const names = neighbourhoods.flatMap(({ records }) => records);
  const pairs = neighbourhoods
    .flatMap(({ pairs }, at) =>
      pairs.map(({ left, right, score }) => ({ left: left + offsets[at], right: right + offsets[at], score })),
    )
    .sort((a, b) => b.score - a.score || a.left - b.left || a.right - b.right);
  return {
    model: version,
    ...(modelAt === undefined ? {} : { modelAt }),
    thresholds,
    records: names.map((name) => {
      const { chain, seq } = index.record(index.row(name)!);
      return { name, position: formatPosition(chain, seq) };
    }),
    candidates: names.reduce((sum, name) => sum + index.candidatesOf(index.row(name)!), 0),
    pairs: pairs.slice(0, MAX_PAIRS).map(({ left, right }) => ({
      left,
      right,
      ...explainPair(index.table.scorer, index.table.pair(index.row(names[left])!, index.row(names[right])!)),
    })),
    pairsFound: pairs.length,
    rulings: neighbourhoods.flatMap(({ rulings }) => rulings),
    clusters: neighbourhoods.flatMap(({ clusters }, at) =>
      clusters.map((cluster) => cluster.map((place) => place + offsets[at])),
    ),
  };
}

/**
 * Asked is for the best pair of any two persons-to-be, and of any two parts of one that only tentative links hold together,
 * that have a pair at or above the review threshold and of which no steward has said that they are two. A question that
 * waits and is still one is left alone.
 */
function reviewsOf(
  index: ComparedRecords,
  neighbourhoods: readonly Neighbourhood[],
  waiting: readonly OpenReview[],
): Pick<UnitDecision, 'asked' | 'closed'> {
  const found = new Map<RecordName, { cluster: string; part: string }>();
  const best = new Map<string, { pair: Pair; score: number }>();
  const between = (pair: Pair): string => {
    const [one, other] = pair.map((name) => found.get(name)!);
    return (one.cluster === other.cluster ? pairOf(one.part, other.part) : pairOf(one.cluster, other.cluster)).join(
      ' ',
    );
  };
  neighbourhoods.forEach((neighbourhood, at) => {
    const { records, clusters, pairs, rulings } = neighbourhood;
    const parts = partsOf(index, neighbourhood);
    clusters.forEach((cluster, number) => {
      for (const place of cluster)
        found.set(records[place], { cluster: `${at}.${number}`, part: `${at}/${parts[place]}` });
    });
    const ruled = new Set(rulings.filter(({ kind }) => kind === 'cannot').map(({ pair }) => between(pair)));
    for (const { left, right, score } of pairs) {
      const pair = pairOf(records[left], records[right]);
      const key = between(pair);
      if (found.get(pair[0])!.part === found.get(pair[1])!.part || ruled.has(key) || best.has(key)) continue;
      best.set(key, { pair, score });
    }
  });
  const closed: UnitDecision['closed'] = [];
  for (const review of waiting) {
    const [one, other] = review.pair.map((name) => found.get(name)?.part);
    if (one !== undefined && one === other) closed.push({ ...review, outcome: 'linked' });
    else if (one === undefined || other === undefined || !best.delete(between(review.pair))) {
      closed.push({ ...review, outcome: 'withdrawn' });
    }
  }
  const asked = [...best.values()].sort((a, b) => b.score - a.score || (a.pair.join(' ') < b.pair.join(' ') ? -1 : 1));
  return { asked: asked.slice(0, MAX_REVIEWS), closed };
}

/** The `decision` of a change's entry, without what only its first entry has. */
export function decisionOf(basis: string, { added, removed, from, to }: PersonChange): PersonDecision {
  return { basis, added, removed, from, to };
}

function firstOf({ neighbourhoods, persons }: Unit): RecordName {
  return neighbourhoods[0]?.records[0] ?? [...(persons[0]?.members.keys() ?? [''])].sort()[0];
}
