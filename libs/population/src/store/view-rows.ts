import { type Cell } from '../view/column-reader.js';
import { type DuckColumn } from '../view/duck-type.js';
import { type RecordKey } from './record-index.js';
import { columnPacker, transferables, type ColumnPacker, type PackedColumn } from '../view/packed-column.js';

/** The record version that rows come from. */
export interface RowOrigin {
  source: string;
  /** `Type/id`. */
  record: string;
  version: number;
  /** `source/Patient/id` of the patient in whose compartment the record is. */
  patient: string | null;
  key: RecordKey;
  /** The seq of the entry that made it. */
  from: number;
}

/** Rows of a view from entries of one chain, by column, as they can be sent to another thread. */
export interface PackedRows {
  rows: number;
  /** Of each row: `source`, `record`, `version`, `patient` and `from` of its origin, as ORIGIN_COLUMNS names them. */
  origin: PackedColumn[];
  /** Of each row the two halves of its record's key, the low one first: as a little-endian UBIGINT has it. */
  keys: Uint32Array<ArrayBuffer>;
  own: PackedColumn[];
}

const ORIGIN_PACKINGS = ['texts', 'texts', 'numbers', 'texts', 'numbers'] as const;

/** Takes rows of a view one by one. */
export class ViewRows {
  private readonly origin: ColumnPacker[] = ORIGIN_PACKINGS.map(columnPacker);
  private readonly own: ColumnPacker[];
  private readonly keys: number[] = [];
  private rows = 0;

  constructor(private readonly columns: readonly DuckColumn[]) {
    this.own = columns.map(({ packing }) => columnPacker(packing));
  }

  get pending(): number {
    return this.rows;
  }

  /** Takes a row. What was taken of it before this throws is to be taken back by `truncate`. @throws RowError. */
  add({ source, record, version, patient, key, from }: RowOrigin, row: readonly Cell[]): void {
    const { columns, origin, own } = this;
    for (let index = 0; index < columns.length; index += 1) own[index].push(columns[index].plain(row[index]));
    origin[0].push(source);
    origin[1].push(record);
    origin[2].push(version);
    origin[3].push(patient);
    origin[4].push(from);
    this.keys.push(key.low, key.high);
    this.rows += 1;
  }

  /** Takes back all rows after the first `rows`. */
  truncate(rows: number): void {
    for (const column of this.origin) column.truncate(rows);
    for (const column of this.own) column.truncate(rows);
    this.keys.length = 2 * rows;
    this.rows = rows;
  }

  packed(): PackedRows {
    const packed = (columns: readonly ColumnPacker[]): PackedColumn[] => columns.map((column) => column.packed());
    return {
      rows: this.rows,
      origin: packed(this.origin),
      keys: Uint32Array.from(this.keys),
      own: packed(this.own),
    };
  }
}

/** What of rows can be handed to another thread without a copy. */
export function transferableRows({ origin, keys, own }: PackedRows): ArrayBuffer[] {
  return [keys.buffer, ...origin.flatMap(transferables), ...own.flatMap(transferables)];
}
