import { listValue, type DuckDBConnection } from '@duckdb/node-api';
import { NONE, recordKey, RecordIndex } from '../store/record-index.js';
import { endRows, OPEN, type Ends, type RowOrigin } from '../store/view-table.js';
import { type RecordEntry } from './record-entry.js';
import { type KeptView } from './registered-view.js';

/** Views that stand at the same positions and are written together. */
export class Lane {
  readonly positions = new Map<number, number>();
  /** Of the records of the types that its views read. */
  readonly index = new RecordIndex();
  private byType = new Map<string, KeptView[]>();
  private readonly pending = new Map<string, TypeChanges>();

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
   * Takes entries of a chain, in order: makes their rows and remembers the records. `write` MUST follow in a transaction,
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

  /** Writes what was taken of one chain, in the connection's transaction. */
  async write(connection: DuckDBConnection, chain: number): Promise<void> {
    for (const [type, { ends, failures }] of this.pending) {
      for (const view of this.byType.get(type)!) await writeView(connection, view, chain, ends);
      await writeFailures(connection, failures);
      if (ends.from.length > 0) await endRows(connection, 'population.failure', chain, ends);
    }
    this.pending.clear();
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

async function writeView(connection: DuckDBConnection, view: KeptView, chain: number, ends: Ends): Promise<void> {
  if (view.table.pending > 0 || ends.from.length > 0) view.changes += 1;
  if (view.table.pending > 0) view.chains.add(chain);
  await view.table.flush(connection);
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
