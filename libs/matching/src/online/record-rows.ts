import { type RecordName } from '../persons/person-entries.js';

/** A record that is compared with others. */
export interface IndexedRecord {
  name: RecordName;
  /** Position of its version. */
  chain: number;
  seq: number;
  /** When that was recorded, in ms since the epoch. */
  time: number;
}

/** Which record each row is of, in columns: one object a record would be the greater part of a large heap. */
export class RecordRows {
  private readonly rows = new Map<RecordName, number>();
  /** Undefined for a row that was removed, or that was a question's. */
  private readonly names: (RecordName | undefined)[] = [];
  private chains = new Uint16Array(FIRST_ROWS);
  private seqs = new Float64Array(FIRST_ROWS);
  private times = new Float64Array(FIRST_ROWS);

  get size(): number {
    return this.rows.size;
  }

  /** Rows, with those that are no more. */
  get length(): number {
    return this.names.length;
  }

  row(name: RecordName): number | undefined {
    return this.rows.get(name);
  }

  /** @throws TypeError for a row that was removed. */
  name(row: number): RecordName {
    const name = this.names[row];
    if (name === undefined) throw new TypeError('the record was removed from the index');
    return name;
  }

  /** @throws TypeError for a row that was removed. */
  record(row: number): IndexedRecord {
    return { name: this.name(row), chain: this.chains[row], seq: this.seqs[row], time: this.times[row] };
  }

  all(): IterableIterator<RecordName> {
    return this.rows.keys();
  }

  /** `row` MUST be the one after the last. */
  put(row: number, { name, chain, seq, time }: IndexedRecord): void {
    this.leaveOut(row);
    this.names[row] = name;
    this.chains[row] = chain;
    this.seqs[row] = seq;
    this.times[row] = time;
    this.rows.set(name, row);
  }

  /** A row that is of no record. It MUST be the one after the last. */
  leaveOut(row: number): void {
    this.names[row] = undefined;
    if (row < this.seqs.length) return;
    const length = Math.ceil(this.seqs.length * GROWTH);
    this.chains = copied(new Uint16Array(length), this.chains);
    this.seqs = copied(new Float64Array(length), this.seqs);
    this.times = copied(new Float64Array(length), this.times);
  }

  remove(name: RecordName): void {
    const row = this.rows.get(name);
    if (row === undefined) return;
    this.rows.delete(name);
    this.names[row] = undefined;
  }
}

const FIRST_ROWS = 1024;
const GROWTH = 1.5;

function copied<T extends Uint16Array | Float64Array>(to: T, from: T): T {
  to.set(from);
  return to;
}
