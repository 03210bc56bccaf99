import { type Model } from '../engine/model.js';
import { type PersonFields } from '../engine/person-fields.js';
import { type RecordName } from '../persons/person-entries.js';
import { OnlineTable } from './online-table.js';
import { PostingLists } from './posting-lists.js';
import { type IndexedRecord, RecordRows } from './record-rows.js';

/** Another record with a score at or above the review threshold. */
export interface Edge {
  row: number;
  score: number;
}

/** What a record was found to be like. */
interface Likeness {
  edges: Edge[];
  /** How many records shared a blocking key with it when it was compared. */
  candidates: number;
}

/** Likenesses that are kept: they are found again when they are asked for. */
const MAX_KEPT = 200_000;

/** Every current Patient record of all sources in memory, found by blocking key: see `PostingLists` for what it takes. */
export class RecordIndex {
  readonly table: OnlineTable;
  private readonly postings = new PostingLists();
  private readonly rows = new RecordRows();
  private readonly likenesses = new Map<number, Likeness>();
  private seen = new Uint32Array(1 << 12);
  private round = 0;

  constructor(readonly model: Model) {
    this.table = new OnlineTable(model);
  }

  get size(): number {
    return this.rows.size;
  }

  /** Rows of versions that are no more; they are given up by making the index anew. */
  get garbage(): number {
    return this.rows.length - this.rows.size;
  }

  row(name: RecordName): number | undefined {
    return this.rows.row(name);
  }

  /** @throws TypeError for a row that was removed. */
  name(row: number): RecordName {
    return this.rows.name(row);
  }

  /** @throws TypeError for a row that was removed. */
  record(row: number): IndexedRecord {
    return this.rows.record(row);
  }

  names(): IterableIterator<RecordName> {
    return this.rows.all();
  }

  /** Puts a version in the place of the one before, if any. Returns its row. */
  put(record: IndexedRecord, fields: PersonFields): number {
    this.remove(record.name);
    return this.add(record, fields).row;
  }

  /** Puts a version, and tells the records that it is like of it. */
  connect(record: IndexedRecord, fields: PersonFields): number {
    this.remove(record.name);
    const { row, keys } = this.add(record, fields);
    const likeness = this.compare(row, keys);
    this.keep(row, likeness);
    for (const { row: other, score } of likeness.edges) this.likenesses.get(other)?.edges.push({ row, score });
    return row;
  }

  remove(name: RecordName): void {
    const row = this.rows.row(name);
    if (row === undefined) return;
    if (this.likenesses.size > 0) {
      for (const edge of this.edgesOf(row)) {
        const other = this.likenesses.get(edge.row);
        if (other) other.edges = other.edges.filter((one) => one.row !== row);
      }
      this.likenesses.delete(row);
    }
    for (const key of this.table.keys(row)) this.postings.remove(key, row);
    this.rows.remove(name);
  }

  /** The records that score at or above the review threshold with this one. */
  edgesOf(row: number): readonly Edge[] {
    return this.likenessOf(row).edges;
  }

  /** How many records shared a blocking key with this one when it was compared. */
  candidatesOf(row: number): number {
    return this.likenessOf(row).candidates;
  }

  /** The records most like somebody who is described, the best first: of those at or above the review threshold. */
  search(fields: PersonFields): (Edge & { record: IndexedRecord })[] {
    // A row of its own for the question: added, asked, and given up at once.
    const row = this.table.add(fields);
    this.rows.leaveOut(row);
    return this.compare(row, this.table.keys(row))
      .edges.map((edge) => ({ ...edge, record: this.record(edge.row) }))
      .sort((a, b) => b.score - a.score || (a.record.name < b.record.name ? -1 : 1));
  }

  private add(record: IndexedRecord, fields: PersonFields): { row: number; keys: number[] } {
    const row = this.table.add(fields);
    this.rows.put(row, record);
    const keys = this.table.keys(row);
    for (const key of keys) this.postings.add(key, row);
    return { row, keys };
  }

  private likenessOf(row: number): Likeness {
    const known = this.likenesses.get(row);
    if (known) return known;
    const likeness = this.compare(row, this.table.keys(row));
    this.keep(row, likeness);
    return likeness;
  }

  private keep(row: number, likeness: Likeness): void {
    if (this.likenesses.size >= MAX_KEPT) this.likenesses.clear();
    this.likenesses.set(row, likeness);
  }

  /** Compares a row with every record that shares one of its blocking keys, each once. */
  private compare(row: number, keys: readonly number[]): Likeness {
    if (this.seen.length < this.rows.length) this.seen = new Uint32Array(this.rows.length * 2);
    const { seen, table, postings } = this;
    const { review } = this.model.thresholds;
    const round = ++this.round;
    const edges: Edge[] = [];
    let candidates = 0;
    seen[row] = round;
    const visit = (other: number): void => {
      if (seen[other] === round) return;
      seen[other] = round;
      candidates++;
      const score = table.score(row, other);
      if (score >= review) edges.push({ row: other, score });
    };
    for (const key of keys) postings.forEach(key, visit);
    return { edges, candidates };
  }
}
