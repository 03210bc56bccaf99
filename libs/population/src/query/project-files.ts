import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { createHash } from 'node:crypto';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SYSTEM_CHAIN, type Positions } from '@chartledger/ledger';
import { FhirError } from '@chartledger/platform';
import { SqlRefusedError } from '../locked-sql/errors.js';
import { ALLOWED_FUNCTIONS } from '../locked-sql/allowed.js';
import { checkSql } from '../locked-sql/check-sql.js';
import { quoted } from '../store/names.js';
import { type PopulationStore } from '../store/population-store.js';
import { personLinks, presentScope, viewRelation, type Scope } from './snapshot.js';
import { type QueryTable } from './table-graph.js';

/** Files that are kept for questions to come: the tables of as many queries that are asked again and again. */
const MAX_FILES = 8;

/** A file that holds the tables of a query and nothing else, and the positions that it stands on. */
export interface ProjectFile {
  path: string;
  positions: Positions;
}

/** Makes a table of a view that is not kept, in the file that is being made; `_person` there says who is whom. */
export type FillTable = (
  connection: DuckDBConnection,
  table: Extract<QueryTable, { kind: 'definition' }>,
  positions: Positions,
) => Promise<void>;

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
  async make(tables: readonly QueryTable[], scope: Scope, fill: FillTable): Promise<ProjectFile> {
    const turn = this.making.then(() => this.makeOne(tables, scope, fill));
    this.making = turn.catch(() => undefined);
    return turn;
  }

  private async makeOne(tables: readonly QueryTable[], scope: Scope, fill: FillTable): Promise<ProjectFile> {
    const draft = join(this.folder, `draft-${(this.count += 1)}.duckdb`);
    const isAdHoc = tables.some(({ kind }) => kind === 'definition');
    const capture = (): string => rowsSignature(tables);
    try {
      const { positions, key, known } = await this.store.copyOut(
        draft,
        capture,
        async (connection, positions, rows) => {
          const key = isAdHoc ? undefined : keyOf(tables, scope, rows, positions);
          const known = key === undefined ? undefined : this.files.get(key);
          if (known === undefined) await copyTables(connection, tables, presentScope(scope, positions));
          return { positions, key, known };
        },
      );
      const standing = scope.asOf ?? positions;
      if (known !== undefined) {
        await rm(draft, { force: true });
        this.touch(key!, known);
        return { path: known, positions: standing };
      }
      await finish(draft, tables, standing, fill);
      const path = join(this.folder, `project-${this.count}.duckdb`);
      await rename(draft, path);
      await this.keep(key ?? path, path);
      return { path, positions: standing };
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
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

function keyOf(tables: readonly QueryTable[], scope: Scope, rows: string, positions: Positions): string {
  const parts = [
    tables.map((table) => [table.label, table.kind === 'sql' ? table.library.sql : table.kind]),
    // As of a position that was reached, rows never change but when they are made anew.
    scope.asOf ? tables.map((table) => table.kind === 'kept' && table.view.row.no) : rows,
    scope.asOf ? [...scope.asOf] : positions.get(SYSTEM_CHAIN),
    scope.patients ?? null,
    scope.since ? [...scope.since] : null,
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

async function copyTables(connection: DuckDBConnection, tables: readonly QueryTable[], scope: Scope): Promise<void> {
  for (const table of tables) {
    if (table.kind !== 'kept') continue;
    await connection.run(`create table target.${quoted(table.label)} as ${viewRelation(table.view, scope)}`);
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
): Promise<void> {
  if (tables.every(({ kind }) => kind === 'kept')) return;
  const instance = await DuckDBInstance.create(file, { autoload_known_extensions: 'false' });
  const connection = await instance.connect();
  try {
    for (const table of tables) {
      if (table.kind === 'definition') await fill(connection, table, positions);
      if (table.kind !== 'sql') continue;
      const { sql, tables: own } = table.library;
      const result = await connection.runAndReadAll('select json_serialize_sql($1::varchar)', [sql]);
      const serialized: unknown = JSON.parse(String(result.getRows()[0][0]));
      const problems = checkSql(serialized, { tables: own.map(({ label }) => label), functions: ALLOWED_FUNCTIONS });
      if (problems.length > 0) throw new SqlRefusedError(sql, problems);
      await createSqlView(connection, table.label, sql);
    }
    await connection.run('drop table if exists _person');
    await connection.run('checkpoint');
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function createSqlView(connection: DuckDBConnection, label: string, sql: string): Promise<void> {
  try {
    await connection.run(`create view ${quoted(label)} as ${sql.replace(/;\s*$/, '')}`);
  } catch (error) {
    throw FhirError.of(
      422,
      'invalid',
      `the SQL of the view ${label} cannot be run: ${firstLine(error)}`,
      'Library.content',
    );
  }
}

function firstLine(error: unknown): string {
  return (error as Error).message.split('\n')[0];
}
