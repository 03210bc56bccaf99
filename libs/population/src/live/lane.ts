import { listValue, type DuckDBConnection } from '@duckdb/node-api';
import { NONE, recordKey, RecordIndex } from '../store/record-index.js';
import { endRows, OPEN, type Ends, type RowOrigin, type TakenRows } from '../store/view-table.js';
import { type RecordEntry } from './record-entry.js';
import { type KeptView } from './registered-view.js';

/** Views that stand at the same positions and are written together. */
export class Lane {
  readonly positions = new Map<number, number>();
  /** Of the records of the types that its views read. */
  readonly index = new RecordIndex();
  private byType = new Map<string, KeptView[]>();
  private pending = new Map<string, TypeChanges>();

  constructor(
    readonly number: number,
    readonly views: KeptView[],
  ) {
    this.sortByType();
  }

  /** Whether a view reads resources of that type. */
  reads(type: string): boolean {
    return this.byType.has(type);
  }

  get isEmpty(): boolean {
    return this.views.length === 0;
  }

  position(chain: number): number {
    return this.positions.get(chain) ?? -1;
  }

  replaceViews(views: readonly KeptView[]): void {
    this.views.splice(0, this.views.length, ...views);
    this.sortByType();
  }

  /**
   * Takes entries of a chain, in order: makes their rows and remembers the records. What `handOver` gives MUST be written,
   * and the lane be loaded anew where that fails.
   */
  take(chain: number, entries: Iterable<RecordEntry>): void {
    for (const entry of entries) {
      const { type, record } = entry.envelope;
      const views = this.byType.get(type);
      if (!views) continue;
      let change = this.pending.get(type);
      if (!change) this.pending.set(type, (change = { ends: { from: [], to: [] }, failures: [] }));
      const before = this.index.replace(record, entry.version ? entry.seq : NONE);
      if (before !== NONE) {
        change.ends.from.push(before);
        change.ends.to.push(entry.seq);
      }
      if (entry.version) for (const view of views) addRows(view, chain, entry, change.failures);
    }
  }

  /** Hands over what was taken of one chain: to be written in a transaction, while more is taken. */
  handOver(chain: number): (connection: DuckDBConnection) => Promise<void> {
    const changes = [...this.pending].map(([type, change]) => ({
      ...change,
      views: this.byType.get(type)!.map((view) => ({ view, taken: view.table.handOver() })),
    }));
    this.pending = new Map();
    return async (connection) => {
      for (const { views, ends, failures } of changes) {
        for (const { view, taken } of views) await writeView(connection, view, chain, taken, ends);
        await writeFailures(connection, failures);
        await endRows(connection, 'population.failure', chain, ends);
      }
    };
  }

  private sortByType(): void {
    this.byType = new Map();
    for (const view of this.views) {
      const { resource } = view.source;
      this.byType.set(resource, [...(this.byType.get(resource) ?? []), view]);
    }
  }
}

interface Failure {
  view: number;
  chain: number;
  key: bigint;
  seq: number;
  problem: string;
}

interface TypeChanges {
  ends: Ends;
  failures: Failure[];
}

/** A record of which the rows cannot be made has none in this view, and says why. */
function addRows({ row, source, table }: KeptView, chain: number, entry: RecordEntry, failures: Failure[]): void {
  const { envelope, seq, id } = entry;
  const { resource, patient } = entry.version!;
  const origin: RowOrigin = {
    source: envelope.source,
    record: `${envelope.type}/${id}`,
    version: envelope.version,
    patient,
    key: recordKey(envelope.record),
    chain,
    from: BigInt(seq),
  };
  const before = table.pending;
  try {
    source.rows(resource, (values) => table.add(origin, values), envelope.source);
  } catch (error) {
    table.truncate(before);
    failures.push({ view: row.no, chain, key: origin.key, seq, problem: (error as Error).message });
  }
}

async function writeView(
  connection: DuckDBConnection,
  view: KeptView,
  chain: number,
  taken: TakenRows,
  ends: Ends,
): Promise<void> {
  if (taken.rows > 0 || ends.from.length > 0) view.changes += 1;
  if (taken.rows > 0) view.chains.add(chain);
  await view.table.write(connection, taken);
  await endRows(connection, view.tableName, chain, ends);
}

async function writeFailures(connection: DuckDBConnection, failures: readonly Failure[]): Promise<void> {
  if (failures.length === 0) return;
  await connection.run(
    `insert into population.failure
     select unnest($1::integer[]), unnest($2::integer[]), unnest($3::ubigint[]), unnest($4::bigint[]), ${OPEN},
       unnest($5::varchar[])`,
    [
      listValue(failures.map(({ view }) => view)),
      listValue(failures.map(({ chain }) => chain)),
      listValue(failures.map(({ key }) => key)),
      listValue(failures.map(({ seq }) => BigInt(seq))),
      listValue(failures.map(({ problem }) => problem)),
    ],
  );
}
