import { type Model } from '../engine/model.js';
import { type PersonFields } from '../engine/person-fields.js';
import { type RecordName } from '../persons/person-entries.js';
import { OnlineTable } from './online-table.js';
import { PostingLists } from './posting-lists.js';

/** A record that is compared with others. */
export interface IndexedRecord {
  name: RecordName;
  /** Position of its version. */
  chain: number;
  seq: number;
  /** When that was recorded, in ms since the epoch. */
  time: number;
}

/** Another record with a score at or above the review threshold. */
export interface Edge {
  row: number;
  score: number;
}

/** Lists of edges that are kept: they are made again when they are asked for. */
const MAX_KEPT = 200_000;

/** Every current Patient record of all sources in memory, found by blocking key: see `PostingLists` for what it takes. */
export class RecordIndex {
  readonly table: OnlineTable;
  private readonly postings = new PostingLists();
  private readonly rows = new Map<RecordName, number>();
  /** By row; undefined for one that was removed. */
  private readonly records: (IndexedRecord | undefined)[] = [];
  private readonly edges = new Map<number, Edge[]>();
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
    return this.records.length - this.rows.size;
  }

  row(name: RecordName): number | undefined {
    return this.rows.get(name);
  }

  /** @throws TypeError for a row that was removed. */
  record(row: number): IndexedRecord {
    const record = this.records[row];
    if (!record) throw new TypeError('the record was removed from the index');
    return record;
  }

  names(): IterableIterator<RecordName> {
    return this.rows.keys();
  }

  /** Puts a version in the place of the one before, if any. Returns its row. */
  put(record: IndexedRecord, fields: PersonFields): number {
    this.remove(record.name);
    const row = this.table.add(fields);
    this.records[row] = record;
    for (const key of this.table.keys(row)) this.postings.add(key, row);
    this.rows.set(record.name, row);
    return row;
  }

  /** Puts a version, and tells the records that it is like of it. */
  connect(record: IndexedRecord, fields: PersonFields): number {
    const row = this.put(record, fields);
    for (const { row: other, score } of this.edgesOf(row)) this.edges.get(other)?.push({ row, score });
    return row;
  }

  remove(name: RecordName): void {
    const row = this.rows.get(name);
    if (row === undefined) return;
    if (this.edges.size > 0) {
      for (const edge of this.edgesOf(row)) {
        const others = this.edges.get(edge.row);
        if (others)
          this.edges.set(
            edge.row,
            others.filter((other) => other.row !== row),
          );
      }
      this.edges.delete(row);
    }
    for (const key of this.table.keys(row)) this.postings.remove(key, row);
    this.rows.delete(name);
    this.records[row] = undefined;
  }

  /** The records that score at or above the review threshold with this one. */
  edgesOf(row: number): readonly Edge[] {
    const known = this.edges.get(row);
    if (known) return known;
    const { review } = this.model.thresholds;
    const found: Edge[] = [];
    for (const other of this.candidates(row)) {
      const score = this.table.score(row, other);
      if (score >= review) found.push({ row: other, score });
    }
    if (this.edges.size >= MAX_KEPT) this.edges.clear();
    this.edges.set(row, found);
    return found;
  }

  /** The records that share a blocking key with this one, each once. */
  candidates(row: number): number[] {
    if (this.seen.length < this.records.length) this.seen = new Uint32Array(this.records.length * 2);
    this.round += 1;
    this.seen[row] = this.round;
    const found: number[] = [];
    for (const key of this.table.keys(row)) {
      this.postings.forEach(key, (other) => {
        if (this.seen[other] === this.round) return;
        this.seen[other] = this.round;
        found.push(other);
      });
    }
    return found;
  }

  /** The records most like somebody who is described, the best first: of those at or above the review threshold. */
  search(fields: PersonFields): (Edge & { record: IndexedRecord })[] {
    // A row of its own for the question: added, asked, and given up at once.
    const row = this.table.add(fields);
    this.records[row] = undefined;
    const { review } = this.model.thresholds;
    return this.candidates(row)
      .map((other) => ({ row: other, score: this.table.score(row, other), record: this.record(other) }))
      .filter(({ score }) => score >= review)
      .sort((a, b) => b.score - a.score || (a.record.name < b.record.name ? -1 : 1));
  }
}
