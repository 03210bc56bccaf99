import { recordKey } from '../store/record-index.js';
import { ViewRows, type PackedRows, type RowOrigin } from '../store/view-rows.js';
import { type RecordEntry } from './record-entry.js';
import { type ViewSource } from './view-source.js';

/** A view that rows are made for, by the number of its table. */
export interface MadeView {
  no: number;
  definition: string;
  source: ViewSource;
}

/** A record of which a view cannot make rows, and why. */
export interface Failure {
  /** The number of the view's table. */
  view: number;
  /** See `keyNumber`. */
  high: number;
  low: number;
  seq: number;
  problem: string;
}

/** What entries of one chain make: it can be sent to another thread. */
export interface MadeRows {
  /** The versions of records, in order. */
  records: {
    types: string[];
    /** Of each the index of its type. */
    ofType: Uint16Array<ArrayBuffer>;
    /** Of each the two halves of its key, the low one first. */
    keys: Uint32Array<ArrayBuffer>;
    seqs: Float64Array<ArrayBuffer>;
    /** 0 for a deletion, or where the entry's key was destroyed. */
    isHeld: Uint8Array<ArrayBuffer>;
  };
  views: { no: number; packed: PackedRows }[];
  failures: Failure[];
}

/** Makes the rows of some views from entries of one chain. */
export class RowMaker {
  private readonly byType = new Map<string, { view: MadeView; rows: ViewRows }[]>();
  private readonly types: string[] = [];
  private readonly ofType: number[] = [];
  private readonly keys: number[] = [];
  private readonly seqs: number[] = [];
  private readonly isHeld: number[] = [];
  private readonly failures: Failure[] = [];

  constructor(views: readonly MadeView[]) {
    for (const view of views) {
      const { resource, columns } = view.source;
      this.byType.set(resource, [...(this.byType.get(resource) ?? []), { view, rows: new ViewRows(columns) }]);
    }
  }

  /** Takes what entries say of records, in order. */
  add(entries: Iterable<RecordEntry>): void {
    for (const entry of entries) {
      const { type, record } = entry.envelope;
      const views = this.byType.get(type);
      if (!views) continue;
      const { high, low } = recordKey(record);
      this.ofType.push(this.numberOf(type));
      this.keys.push(low, high);
      this.seqs.push(entry.seq);
      this.isHeld.push(entry.version ? 1 : 0);
      if (entry.version) for (const { view, rows } of views) this.addRows(view, rows, entry, { high, low });
    }
  }

  made(): MadeRows {
    const rows = [...this.byType.values()].flat();
    return {
      records: {
        types: this.types,
        ofType: Uint16Array.from(this.ofType),
        keys: Uint32Array.from(this.keys),
        seqs: Float64Array.from(this.seqs),
        isHeld: Uint8Array.from(this.isHeld),
      },
      views: rows.map(({ view: { no }, rows }) => ({ no, packed: rows.packed() })),
      failures: this.failures,
    };
  }

  private numberOf(type: string): number {
    const known = this.types.indexOf(type);
    return known === -1 ? this.types.push(type) - 1 : known;
  }

  /** A record of which the rows cannot be made has none in this view, and says why. */
  private addRows(view: MadeView, rows: ViewRows, entry: RecordEntry, key: RowOrigin['key']): void {
    const { envelope, seq, id } = entry;
    const { resource, patient } = entry.version!;
    const { source, type, version } = envelope;
    const origin: RowOrigin = { source, record: `${type}/${id}`, version, patient, key, from: seq };
    const before = rows.pending;
    try {
      view.source.rows(resource, (values) => rows.add(origin, values), source);
    } catch (error) {
      rows.truncate(before);
      this.failures.push({ view: view.no, ...key, seq, problem: (error as Error).message });
    }
  }
}
