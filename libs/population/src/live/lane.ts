import { listValue, type DuckDBConnection } from '@duckdb/node-api';
import { keyNumber, NONE, RecordIndex } from '../store/record-index.js';
import { type PackedRows } from '../store/view-rows.js';
import { endRows, OPEN, writeRows, type Ends } from '../store/view-table.js';
import { type KeptView } from './registered-view.js';
import { type Failure, type MadeRows, type MadeView } from './row-maker.js';

/** Views that stand at the same positions and are written together. */
export class Lane {
  readonly positions = new Map<number, number>();
  /** Of the records of the types that its views read. */
  readonly index = new RecordIndex();

  constructor(
    readonly number: number,
    readonly views: KeptView[],
  ) {}

  /** Whether a view reads resources of that type. */
  reads(type: string): boolean {
    return this.views.some(({ source }) => source.resource === type);
  }

  get isEmpty(): boolean {
    return this.views.length === 0;
  }

  position(chain: number): number {
    return this.positions.get(chain) ?? -1;
  }

  replaceViews(views: readonly KeptView[]): void {
    this.views.splice(0, this.views.length, ...views);
  }

  /** The views, as rows are made for them. */
  get made(): MadeView[] {
    return this.views.map(({ row: { no, definition }, source }) => ({ no, definition, source }));
  }

  /**
   * Takes what entries of a chain made, in order, and remembers the records. What it returns MUST write it in the next
   * transaction of the lane, and the lane be loaded anew where that fails. Rows of a view that was dropped since they were
   * asked for are left out.
   */
  take(chain: number, made: MadeRows): (connection: DuckDBConnection) => Promise<void> {
    const ends = this.remember(made.records);
    const views = this.views.map((view) => ({
      view,
      ends: ends.get(view.source.resource),
      packed: made.views.find(({ no }) => no === view.row.no)?.packed,
    }));
    return async (connection) => {
      for (const { view, packed, ends } of views) await writeView(connection, view, chain, packed, ends);
      await writeFailures(connection, chain, made.failures);
      for (const some of ends.values()) await endRows(connection, 'population.failure', chain, some);
    };
  }

  /** Which versions end, by the type of their records. */
  private remember({ types, ofType, keys, seqs, isHeld }: MadeRows['records']): Map<string, Ends> {
    const ends = new Map<string, Ends>();
    for (let index = 0; index < seqs.length; index += 1) {
      const before = this.index.put(keys[2 * index + 1], keys[2 * index], isHeld[index] === 1 ? seqs[index] : NONE);
      if (before === NONE) continue;
      const type = types[ofType[index]];
      const some = ends.get(type) ?? { from: [], to: [] };
      some.from.push(before);
      some.to.push(seqs[index]);
      ends.set(type, some);
    }
    return ends;
  }
}

async function writeView(
  connection: DuckDBConnection,
  view: KeptView,
  chain: number,
  packed: PackedRows | undefined,
  ends: Ends | undefined,
): Promise<void> {
  if (packed && packed.rows > 0) {
    view.chains.add(chain);
    await writeRows(connection, view.row.no, view.source.columns, chain, packed);
  }
  if (ends) await endRows(connection, view.tableName, chain, ends);
  if (ends || (packed && packed.rows > 0)) view.changes += 1;
}

async function writeFailures(connection: DuckDBConnection, chain: number, failures: readonly Failure[]): Promise<void> {
  if (failures.length === 0) return;
  await connection.run(
    `insert into population.failure
     select unnest($1::integer[]), $2, unnest($3::ubigint[]), unnest($4::bigint[]), ${OPEN}, unnest($5::varchar[])`,
    [
      listValue(failures.map(({ view }) => view)),
      chain,
      listValue(failures.map(({ high, low }) => keyNumber(high, low))),
      listValue(failures.map(({ seq }) => BigInt(seq))),
      listValue(failures.map(({ problem }) => problem)),
    ],
  );
}
