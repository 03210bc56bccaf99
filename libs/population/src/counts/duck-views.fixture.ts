import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { type Positions } from '@chartledger/ledger';
import { BadRequestError } from '@chartledger/platform';
import { type CountRow, type CountStatement } from './counts.sql.js';
import { type ViewColumn, type ViewQueries } from './view-queries.js';

export const OPEN = 2 ** 53;

/** A row of a view, with the interval of positions on chain 1 in which it holds. */
export type ViewRow = Readonly<Record<string, string | number | boolean | null>> & { from?: number; to?: number };

/** Views in a DuckDB of their own, in memory, on chain 1. */
export class DuckViews implements ViewQueries {
  head = 0;
  readonly statements: CountStatement[] = [];
  private readonly views = new Map<string, { version: number; columns: readonly ViewColumn[] }>();

  private constructor(private readonly connection: DuckDBConnection) {}

  static async open(): Promise<DuckViews> {
    return new DuckViews(await (await DuckDBInstance.create(':memory:')).connect());
  }

  close(): void {
    this.connection.closeSync();
  }

  /** @param key of the patient; `person` is another, where it is given. */
  async put(name: string, columns: readonly ViewColumn[], rows: readonly ViewRow[]): Promise<void> {
    const version = (this.views.get(name)?.version ?? 0) + 1;
    this.views.set(name, { version, columns });
    const all = [
      ...columns,
      { name: 'patient_key', type: 'VARCHAR' },
      { name: 'person_key', type: 'VARCHAR' },
      { name: 'seq_from', type: 'BIGINT' },
      { name: 'seq_to', type: 'BIGINT' },
    ];
    await this.connection.run(
      `create or replace table "${name}" (${all.map((one) => `"${one.name.replaceAll('"', '""')}" ${one.type}`).join(', ')})`,
    );
    const literal = (value: string | number | boolean | null | undefined): string =>
      typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value ?? null);
    const values = rows.map((row) => {
      const given: ViewRow = { ...row, person_key: row['person_key'] ?? row['patient_key'] };
      const own = all.slice(0, -2).map((column) => literal(given[column.name]));
      return `(${[...own, row.from ?? 0, row.to ?? OPEN].join(', ')})`;
    });
    if (values.length > 0) await this.connection.run(`insert into "${name}" values ${values.join(', ')}`);
  }

  async view(name: string): Promise<{ version: number; columns: readonly ViewColumn[] } | undefined> {
    return this.views.get(name);
  }

  async positions(asOf: string | undefined): Promise<Positions> {
    const seq = asOf === undefined ? this.head : Number(/^1:(\d+)$/.exec(asOf)?.[1] ?? NaN);
    if (Number.isNaN(seq)) throw new BadRequestError('name a position on chain 1');
    return new Map([[1, seq]]);
  }

  async query(statement: CountStatement): Promise<CountRow[]> {
    this.statements.push(statement);
    const { relations, sql, parameters } = statement;
    const sources = relations.map(({ name, view, positions }) => {
      const seq = positions.get(1)!;
      return `${name} as (select * from "${view}" where seq_from <= ${seq} and seq_to > ${seq})`;
    });
    const reader = await this.connection.runAndReadAll(`with ${sources.join(', ')} ${sql}`, [...parameters]);
    return reader.getRowObjects() as unknown as CountRow[];
  }
}
