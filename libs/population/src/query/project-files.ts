import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { createHash } from 'node:crypto';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SYSTEM_CHAIN, type Positions } from '@chartledger/ledger';
import { withoutStatement, type Deidentification } from '../deidentify/deidentification.js';
import { SqlFailedError, SqlRefusedError } from '../locked-sql/errors.js';
import { ALLOWED_FUNCTIONS } from '../locked-sql/allowed.js';
import { checkSql } from '../locked-sql/check-sql.js';
import { quoted } from '../store/names.js';
import { type PopulationStore } from '../store/population-store.js';
import { rewriteFile } from '../store/rewrite-file.js';
import { identifiedRelation, personLinks, presentScope, viewRelation, type Scope } from './snapshot.js';
import { type SqlLibrary } from './sql-library.js';
import { type QueryTable } from './table-graph.js';

/** Files that are kept for questions to come: the tables of as many queries that are asked again and again. */
const MAX_FILES = 8;

/** A file that holds the tables of a query and nothing else, and the positions that it stands on. */
export interface ProjectFile {
  path: string;
  positions: Positions;
  deidentify: Deidentification | undefined;
}

/** Makes a table of a view that is not kept, with the columns of `identifiedRelation`; `_person` there says who is whom. */
export type FillTable = (
  connection: DuckDBConnection,
  label: string,
  definition: Record<string, unknown>,
  positions: Positions,
) => Promise<void>;

/** How what stands on some positions is de-identified; undefined where no project asks. */
export type Deidentify = (positions: Positions) => Promise<Deidentification | undefined>;

/**
 * DuckDB files with the tables of a query, for the locked process that runs it: nothing else is in them, so nothing else
 * can be read. A file is used again as long as the rows that it was made of are the same.
 */
export class ProjectFiles {
  private readonly files = new Map<string, string>();
  private making: Promise<unknown> = Promise.resolve();
  private count = 0;

  constructor(
    private readonly store: PopulationStore,
    private readonly folder: string,
  ) {}

  /** Removes what a process before left. */
  async start(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
    await mkdir(this.folder, { recursive: true });
  }

  /** @throws SqlRefusedError for a SQLView that may not be run. */
  async make(
    tables: readonly QueryTable[],
    scope: Scope,
    fill: FillTable,
    deidentify: Deidentify,
  ): Promise<ProjectFile> {
    const turn = this.making.then(() => withoutStatement(() => this.makeOne(tables, scope, fill, deidentify)));
    this.making = turn.catch(() => undefined);
    return turn;
  }

  private async makeOne(
    tables: readonly QueryTable[],
    scope: Scope,
    fill: FillTable,
    deidentifyAt: Deidentify,
  ): Promise<ProjectFile> {
    const draft = join(this.folder, `draft-${(this.count += 1)}.duckdb`);
    const isAdHoc = tables.some(({ kind }) => kind === 'definition');
    const capture = (): string => rowsSignature(tables);
    try {
      const { positions, key, known, deidentify } = await this.store.copyOut(
        draft,
        capture,
        async (connection, positions, rows) => {
          const deidentify = await deidentifyAt(scope.asOf ?? positions);
          const key = isAdHoc ? undefined : keyOf(tables, scope, rows, positions, deidentify);
          const known = key === undefined ? undefined : this.files.get(key);
          if (known === undefined) await copyTables(connection, tables, presentScope(scope, positions), deidentify);
          return { positions, key, known, deidentify };
        },
      );
      const standing = scope.asOf ?? positions;
      if (known !== undefined) {
        await rm(draft, { force: true });
        this.touch(key!, known);
        return { path: known, positions: standing, deidentify };
      }
      const path = join(this.folder, `project-${this.count}.duckdb`);
      await finish(draft, tables, standing, fill, deidentify);
      await rename(draft, path);
      await this.keep(key ?? path, path);
      return { path, positions: standing, deidentify };
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
  }

  /** Removes every file: what they hold was made before something was forgotten. */
  async forget(): Promise<void> {
    const turn = this.making.then(async () => {
      for (const file of this.files.values()) await rm(file, { force: true });
      this.files.clear();
    });
    this.making = turn.catch(() => undefined);
    return turn;
  }

  private touch(key: string, path: string): void {
    this.files.delete(key);
    this.files.set(key, path);
  }

  private async keep(key: string, path: string): Promise<void> {
    this.files.set(key, path);
    for (const [oldest, file] of this.files) {
      if (this.files.size <= MAX_FILES) break;
      this.files.delete(oldest);
      await rm(file, { force: true });
    }
  }

  /** How many bytes the files have, for those who watch the disk. */
  async bytes(): Promise<number> {
    const sizes = await Promise.all([...this.files.values()].map(async (file) => (await stat(file)).size));
    return sizes.reduce((sum, size) => sum + size, 0);
  }
}

function rowsSignature(tables: readonly QueryTable[]): string {
  return tables.map((table) => (table.kind === 'kept' ? `${table.view.row.no}:${table.view.changes}` : '')).join();
}

function keyOf(
  tables: readonly QueryTable[],
  scope: Scope,
  rows: string,
  positions: Positions,
  deidentify: Deidentification | undefined,
): string {
  const parts = [
    deidentify?.signature ?? null,
    tables.map((table) => [table.label, table.kind === 'sql' ? table.library.sql : table.kind]),
    // As of a position that was reached, rows never change but when they are made anew.
    scope.asOf ? tables.map((table) => table.kind === 'kept' && table.view.row.no) : rows,
    scope.asOf ? [...scope.asOf] : positions.get(SYSTEM_CHAIN),
    scope.patients ?? null,
    scope.since ? [...scope.since] : null,
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** For a project no more than what it may see is ever in the file. */
async function copyTables(
  connection: DuckDBConnection,
  tables: readonly QueryTable[],
  scope: Scope,
  deidentify: Deidentification | undefined,
): Promise<void> {
  for (const table of tables) {
    if (table.kind !== 'kept') continue;
    const rows = deidentify
      ? deidentify.table(table.shown!, `(${identifiedRelation(table.view, scope)})`)
      : viewRelation(table.view, scope);
    await connection.run(`create table target.${quoted(table.label)} as ${rows}`);
  }
  if (tables.some(({ kind }) => kind === 'definition')) {
    await connection.run(`create table target._person as ${personLinks(scope.asOf)}`);
  }
}

/** What is not copied: tables that are made for this question, and views of SQL, each checked as any SQL of strangers. */
async function finish(
  file: string,
  tables: readonly QueryTable[],
  positions: Positions,
  fill: FillTable,
  deidentify: Deidentification | undefined,
): Promise<void> {
  const definitions = tables.filter((table) => table.kind === 'definition');
  const libraries = tables.filter((table) => table.kind === 'sql');
  if (definitions.length > 0) {
    await inFile(file, async (connection) => {
      for (const { label, definition, shown } of definitions) {
        await fill(connection, IDENTIFIED, definition, positions);
        const rows = deidentify?.table(shown!, IDENTIFIED) ?? `select * exclude (_person) from ${IDENTIFIED}`;
        await connection.run(`create table ${quoted(label)} as ${rows}`);
        await connection.run(`drop table ${IDENTIFIED}`);
      }
      await connection.run('drop table _person');
      await connection.run('checkpoint');
    });
    // What was dropped is still somewhere in the bytes of the file.
    if (deidentify) await rewriteFile(file);
  }
  if (libraries.length === 0) return;
  await inFile(file, async (connection) => {
    for (const { label, library } of libraries) await checkAndCreateView(connection, label, library);
    await connection.run('checkpoint');
  });
}

/** No label begins with an underscore. */
const IDENTIFIED = '_identified';

async function inFile(file: string, work: (connection: DuckDBConnection) => Promise<void>): Promise<void> {
  const instance = await DuckDBInstance.create(file, { autoload_known_extensions: 'false' });
  const connection = await instance.connect();
  try {
    await work(connection);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function checkAndCreateView(
  connection: DuckDBConnection,
  label: string,
  { sql, tables }: SqlLibrary,
): Promise<void> {
  const result = await connection.runAndReadAll('select json_serialize_sql($1::varchar)', [sql]);
  const serialized: unknown = JSON.parse(String(result.getRows()[0][0]));
  const own = tables.map((table) => table.label);
  const problems = checkSql(serialized, { tables: own, functions: ALLOWED_FUNCTIONS });
  if (problems.length > 0) throw new SqlRefusedError(sql, problems);
  await createSqlView(connection, label, sql);
}

async function createSqlView(connection: DuckDBConnection, label: string, sql: string): Promise<void> {
  try {
    await connection.run(`create view ${quoted(label)} as ${sql.replace(/;\s*$/, '')}`);
  } catch (error) {
    throw new SqlFailedError(`the SQL of the view ${label} cannot be run: ${firstLine(error)}`);
  }
}

function firstLine(error: unknown): string {
  return (error as Error).message.split('\n')[0];
}
