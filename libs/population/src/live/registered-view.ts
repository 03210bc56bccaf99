import { type DuckDBConnection } from '@duckdb/node-api';
import { rowsOf } from '../store/duck-file.js';
import { createViewTable, tableName } from '../store/view-table.js';
import { viewSource, type ViewSource } from './view-source.js';

/** A version of a ViewDefinition that was registered, as its row says it. */
export interface ViewRow {
  no: number;
  /** Of the ViewDefinition. */
  id: string;
  version: number;
  lane: number;
  /** The seq of the entry on chain 0. */
  registered: number;
  definition: string;
  /** Why it cannot be kept; null where it is kept. */
  problem: string | null;
}

/** A view with the table that is kept for it. */
export class KeptView {
  /** Grows with everything that changes its rows: two equal numbers say equal rows. */
  changes = 0;
  /** The chains that it may have rows of. */
  readonly chains = new Set<number>();

  constructor(
    public row: ViewRow,
    readonly source: ViewSource,
  ) {}

  get tableName(): string {
    return `kept.${tableName(this.row.no)}`;
  }
}

/** How the definition names itself, beside its id: for SQL, and for those who refer to it. */
export interface ViewNames {
  name?: string;
  url?: string;
  version?: string;
}

export function namesOf(definition: string): ViewNames {
  const { name, url, version } = JSON.parse(definition) as Record<string, unknown>;
  return {
    ...(typeof name === 'string' ? { name } : {}),
    ...(typeof url === 'string' ? { url } : {}),
    ...(typeof version === 'string' ? { version } : {}),
  };
}

export async function readViews(connection: DuckDBConnection): Promise<ViewRow[]> {
  const rows = await rowsOf<Omit<ViewRow, 'registered'> & { registered: bigint }>(
    connection,
    'select no, id, version, lane, registered, definition, problem from population.view order by no',
  );
  return rows.map((row) => ({ ...row, registered: Number(row.registered) }));
}

/**
 * Registers a version of a ViewDefinition: makes its empty table, to be filled in a lane. One that does not compile is
 * kept with its problem, takes the place of the version before and disturbs nobody.
 */
export async function registerView(
  connection: DuckDBConnection,
  asked: Pick<ViewRow, 'id' | 'version' | 'lane' | 'registered' | 'definition'>,
): Promise<void> {
  const { id, version, lane, registered, definition } = asked;
  const [{ no }] = await rowsOf<{ no: number }>(connection, `select nextval('population.number')::integer as no`);
  const compiled = compiledOrProblem(definition);
  const problem = typeof compiled === 'string' ? compiled : null;
  // The version that is read stays until the new one has caught up.
  await dropViews(connection, id, problem === null ? 'filling' : 'all');
  if (typeof compiled !== 'string') await connection.run(createViewTable(no, compiled.columns));
  await connection.run('insert into population.view values ($1, $2, $3, $4, $5, $6, $7)', [
    no,
    id,
    version,
    lane,
    BigInt(registered),
    definition,
    problem,
  ]);
}

/** Removes the versions of a view that are not read yet, or all. */
export async function dropViews(connection: DuckDBConnection, id: string, which: 'filling' | 'all'): Promise<void> {
  const views = (await readViews(connection)).filter(
    (view) => view.id === id && (which === 'all' || view.lane !== 0 || view.problem !== null),
  );
  for (const { no } of views) await dropView(connection, no);
}

export async function dropView(connection: DuckDBConnection, no: number): Promise<void> {
  await connection.run(`drop table if exists kept.${tableName(no)}`);
  await connection.run('delete from population.view where no = $1', [no]);
  await connection.run('delete from population.failure where view = $1', [no]);
}

/** A definition that was registered compiles again: it is the same program, or says why it does not any more. */
export function compiledOrProblem(definition: string): ViewSource | string {
  try {
    return viewSource(JSON.parse(definition));
  } catch (error) {
    return (error as Error).message;
  }
}
