import { PersonsOfRows } from '../persons/all-persons.js';
import { type PersonBefore } from '../persons/reassign.js';
import { type RecordName } from '../persons/person-entries.js';
import { type OpenReview } from '../persons/standing-persons.js';
import { type ComparedSet } from './compared-set.js';
import { unitsOf, whatBecomes, type Unit, type UnitDecision } from './model-decision.js';
import { neighbourhoods } from './neighbourhood.js';
import { type Rulings } from './rulings.js';

/** A unit that the matcher would decide otherwise than it stands. */
export interface Difference extends Omit<UnitDecision, 'evidence'> {
  unit: Unit;
}

const NOBODY = -1;

/** Who is whom now, over the rows of a set of records; then, piece by piece, what a model makes of it. */
export class Standings {
  private readonly persons = new PersonsOfRows();
  /** By row: those of the set, then one for each record that a person holds and the set has not. */
  private readonly personOf: number[];
  private readonly gone = new Map<RecordName, number>();
  private readonly reviews = new Map<number, OpenReview[]>();
  private readonly parent: number[];
  /** Rows that others hang on. */
  private readonly joined = new Set<number>();

  constructor(
    private readonly records: ComparedSet,
    private readonly rulings: Rulings,
  ) {
    this.personOf = records.names.map(() => NOBODY);
    this.parent = records.names.map((_, row) => row);
    const { a, b } = records.pairs;
    for (let at = 0; at < a.length; at++) this.join(a[at], b[at]);
    for (const { kind, pair } of rulings.all()) {
      const [one, other] = pair.map((name) => records.row(name));
      if (kind === 'must' && one !== undefined && other !== undefined) this.join(one, other);
    }
  }

  /** Of what stands: records that are somebody's, persons, pairs of records that are one person, pairs that wait. */
  readonly totals = { records: 0, persons: 0, pairs: 0, reviews: 0 };

  addPerson(before: PersonBefore): void {
    const person = this.persons.add(before);
    const count = before.members.size;
    this.totals.records += count;
    this.totals.persons++;
    this.totals.pairs += (count * (count - 1)) / 2;
    let first: number | undefined;
    for (const name of before.members.keys()) {
      const row = this.rowOf(name) ?? this.addGone(name);
      this.personOf[row] = person;
      if (first === undefined) first = row;
      else this.join(first, row);
    }
  }

  /** After all persons. */
  addReview(review: OpenReview): void {
    this.totals.reviews++;
    const row = this.rowOf(review.pair[0]) ?? this.rowOf(review.pair[1]);
    if (row === undefined) return;
    const known = this.reviews.get(row);
    if (known) known.push(review);
    else this.reviews.set(row, [review]);
  }

  /**
   * Every unit of which something would be decided: what is left out stands as it would be decided. Undefined after each
   * piece that was looked at, so that others can have their turn.
   */
  *differences(): Generator<Difference | undefined> {
    for (const rows of this.pieces()) {
      if (rows.length === 1 && this.isSettled(rows[0])) continue;
      yield* this.differencesOf(rows);
      yield undefined;
    }
  }

  /** A record that is like no other, and a person of its own. */
  private isSettled(row: number): boolean {
    const person = this.personOf[row];
    const isThere = row < this.records.names.length;
    return isThere && person !== NOBODY && this.persons.count(person) === 1 && !this.reviews.has(row);
  }

  private *differencesOf(rows: readonly number[]): Generator<Difference> {
    const { records, rulings, persons } = this;
    const names = new Set(rows.filter((row) => row < records.names.length).map((row) => records.name(row)));
    const held = new Set(rows.map((row) => this.personOf[row]).filter((person) => person !== NOBODY));
    const reviews = rows.flatMap((row) => this.reviews.get(row) ?? []);
    const before = [...held].map((person) => persons.get(person));
    for (const unit of unitsOf(neighbourhoods(records, rulings, names), before, reviews)) {
      const found = whatBecomes(records, unit, (first) => `new ${first}`);
      if (found.changes.length + found.asked.length + found.closed.length > 0) yield { unit, ...found };
    }
  }

  /** Rows that hang together by likeness, by rulings or by being one person now. */
  private *pieces(): Generator<number[]> {
    const pieces = new Map<number, number[]>();
    for (let row = 0; row < this.parent.length; row++) {
      const isNobodys = row < this.records.names.length && this.records.names[row] === undefined;
      if (isNobodys) continue;
      const root = this.rootOf(row);
      if (root === row && !this.joined.has(row)) {
        yield [row];
        continue;
      }
      const piece = pieces.get(root);
      if (piece) piece.push(row);
      else pieces.set(root, [row]);
    }
    yield* pieces.values();
  }

  private addGone(name: RecordName): number {
    const row = this.parent.length;
    this.gone.set(name, row);
    this.personOf.push(NOBODY);
    this.parent.push(row);
    return row;
  }

  private rowOf(name: RecordName): number | undefined {
    return this.records.row(name) ?? this.gone.get(name);
  }

  private rootOf(row: number): number {
    const { parent } = this;
    while (parent[row] !== row) row = parent[row] = parent[parent[row]];
    return row;
  }

  private join(one: number, other: number): void {
    const [a, b] = [this.rootOf(one), this.rootOf(other)];
    if (a === b) return;
    const [root, under] = a < b ? [a, b] : [b, a];
    this.parent[under] = root;
    this.joined.add(root);
  }
}

/** All records of a unit: also those that a person holds and the set has not. */
export function recordsOf({ neighbourhoods: parts, persons }: Unit): RecordName[] {
  return [
    ...new Set([...parts.flatMap(({ records }) => records), ...persons.flatMap(({ members }) => [...members.keys()])]),
  ];
}
