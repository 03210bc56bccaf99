import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';

/** Is in every table and file that an attacker must not see, and in every value that an error must not quote. */
export const CANARY = 'CANARY';

/** What the analyst of the tests may read. */
export const TABLES = ['patient', 'visit'];

const LONG_AGO = new Date(0);

/** A project's file, another project's, and files beside them that hold canaries. */
export class LockedProject {
  readonly file: string;
  readonly other: string;
  private readonly before: Record<string, string>;
  /** Whether this file system notes when a file was read. */
  readonly notesReads: boolean;

  private constructor(readonly folder: string) {
    this.file = join(folder, 'project.duckdb');
    this.other = join(folder, 'other.duckdb');
    this.notesReads = notesReads(folder);
    this.before = this.files();
  }

  static async make(folder: string): Promise<LockedProject> {
    await write(join(folder, 'project.duckdb'), [
      `CREATE TABLE patient AS SELECT range AS id, '${CANARY}-' || range AS name FROM range(100)`,
      `CREATE TABLE visit AS SELECT range AS id, range % 100 AS patient, DATE '2024-01-01' + range::INTEGER AS day FROM range(20000)`,
      `CREATE TABLE secret AS SELECT '${CANARY}' AS canary`,
      'CREATE VIEW secret_view AS SELECT * FROM secret',
      `CREATE TYPE secret_enum AS ENUM ('${CANARY}-1')`,
    ]);
    await write(join(folder, 'other.duckdb'), ['CREATE TABLE visit AS SELECT range AS id FROM range(7)']);
    writeFileSync(join(folder, 'canary.csv'), `canary\n${CANARY}\n`);
    writeFileSync(join(folder, 'canary.txt'), CANARY);
    writeFileSync(join(folder, 'canary.json'), JSON.stringify({ canary: CANARY }));
    await write(':memory:', [
      `COPY (SELECT '${CANARY}' AS canary) TO '${join(folder, 'canary.parquet')}' (FORMAT parquet)`,
    ]);
    return new LockedProject(folder);
  }

  /** What was read or written since this was asked before, by file. */
  touched(): string[] {
    const read = this.notesReads
      ? canaries(this.folder).filter((path) => statSync(path).atimeMs !== LONG_AGO.getTime())
      : [];
    const now = this.files();
    const names = [...new Set([...Object.keys(this.before), ...Object.keys(now)])];
    const written = names.filter((name) => now[name] !== this.before[name]).map((name) => `${name} was written`);
    return [...written, ...read.map((path) => `${path} was read`)];
  }

  private files(): Record<string, string> {
    const contents = Object.fromEntries(
      readdirSync(this.folder).map((name) => [
        name,
        createHash('sha256')
          .update(readFileSync(join(this.folder, name)))
          .digest('hex'),
      ]),
    );
    for (const path of canaries(this.folder)) forgetReads(path);
    return contents;
  }
}

async function write(file: string, statements: string[]): Promise<void> {
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  for (const statement of statements) await connection.run(statement);
  connection.closeSync();
  instance.closeSync();
}

function canaries(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.startsWith('canary.'))
    .map((name) => join(folder, name));
}

/** A time of reading before that of writing is brought up to date at the next reading, also where mounted with `relatime`. */
function forgetReads(path: string): void {
  utimesSync(path, LONG_AGO, new Date());
}

function notesReads(folder: string): boolean {
  const [probe] = canaries(folder);
  forgetReads(probe);
  readFileSync(probe);
  return statSync(probe).atimeMs !== LONG_AGO.getTime();
}
