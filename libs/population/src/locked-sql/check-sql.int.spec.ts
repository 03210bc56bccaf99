import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import fc from 'fast-check';
import { temporaryFolder } from '@chartledger/testing';
import accepted from './accepted.cases.json' with { type: 'json' };
import functions from './allowed-functions.json' with { type: 'json' };
import { ALLOWED_FUNCTIONS, refusal } from './allowed.js';
import { checkSql, parameterNames } from './check-sql.js';
import { DEFAULT_LIMITS } from './limits.js';
import { LockedDatabase, type QueryEnd } from './locked-database.js';

const ALLOWED = { tables: ['patient', 'visit'], functions: ALLOWED_FUNCTIONS };
const MEMORY_BYTES = 256 * 1024 * 1024;
/** So many of the places where a field occurs are tried: all of them would take 20 s. */
const MAX_PLACES_OF_A_KIND = 10;
const QUERIES = accepted.groups.flatMap(({ queries }) => queries);

let folder: string;
let database: LockedDatabase;
let instance: DuckDBInstance;
let connection: DuckDBConnection;
beforeAll(async () => {
  folder = await temporaryFolder();
  const file = join(folder, 'project.duckdb');
  const written = await DuckDBInstance.create(file);
  const writer = await written.connect();
  await writer.run("CREATE TABLE patient AS SELECT range AS id, 'name-' || range AS name FROM range(9)");
  await writer.run(
    "CREATE TABLE visit AS SELECT range AS id, range % 9 AS patient, DATE '2024-01-01' + range::INTEGER AS day FROM range(99)",
  );
  writer.closeSync();
  written.closeSync();
  database = await LockedDatabase.open(file, MEMORY_BYTES, 1);
  instance = await DuckDBInstance.create(':memory:');
  connection = await instance.connect();
});
afterAll(async () => {
  connection.closeSync();
  instance.closeSync();
  await rm(folder, { recursive: true });
});

describe.each(accepted.groups)('what analysts write is taken and run: $subject', ({ queries }) => {
  it.each(queries)('%s', async (sql) => {
    expect(await run(sql)).toEqual({ kind: 'done' });
  });
});

describe('a query that ends by its own words', () => {
  const words = "case when (select count(*) from patient) = 9 then error('nine are too many') end";

  it('says them', async () => {
    expect(await run(`SELECT ${words}`)).toEqual({ kind: 'failed', message: 'nine are too many' });
    expect(await run(`SELECT ${words.replace('= 9', '= 8')}`)).toEqual({ kind: 'done' });
  });

  it.each([
    'error(name)',
    "error('a' || name)",
    "error('a', name)",
    'error()',
    'error(DISTINCT name)',
    '$$x$$.error(name)',
  ])('says no value of a table: %s', async (call) => {
    const end = await run(`SELECT ${call} FROM patient`);
    expect(end.kind).toBe('refused');
    expect(JSON.stringify(end)).not.toContain('name-0');
  });
});

describe('checkSql', () => {
  it('names every problem and its place, not the first only', async () => {
    const problems = checkSql(await serialize("SELECT getenv('x')\nFROM nobody,\n  read_csv('y')"), ALLOWED);
    expect(problems.map(({ kind, offset }) => [kind, offset])).toEqual([
      ['function', 7],
      ['table', 24],
      ['function', 34],
    ]);
  });

  it('names the parameters', async () => {
    expect(parameterNames(await serialize('SELECT $b, (SELECT $a), $b')).sort()).toEqual(['a', 'b']);
  });

  it('refuses a tree with anything in it that it does not know, wherever that is', async () => {
    const unknown = [{ type: 'NEW' }, { class: 'NEW' }, [{ class: 'NEW' }], [[{ a: 1 }]], { map: 1 }];
    const taken = new Set<string>();
    const times = new Map<string, number>();
    for (const tree of await Promise.all(QUERIES.map(serialize))) {
      for (const [node, field] of placesOf(tree)) {
        const kind = `${String(node.class ?? node.type)}.${field}`;
        times.set(kind, (times.get(kind) ?? 0) + 1);
        if (times.get(kind)! > MAX_PLACES_OF_A_KIND) continue;
        for (const name of [field, 'a_field_of_a_later_version']) {
          const { [name]: before } = node;
          for (const value of unknown) {
            node[name] = value;
            if (checkSql(tree, ALLOWED).length === 0)
              taken.add(`${String(node.class ?? node.type)}.${name} = ${JSON.stringify(value)}`);
          }
          if (name === field) node[name] = before;
          else delete node[name];
        }
      }
    }
    expect([...taken]).toEqual([]);
  });

  it('takes whatever JSON it is given', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        expect(checkSql(value, ALLOWED).length).toBeGreaterThan(0);
        expect(checkSql({ error: false, statements: [value] }, ALLOWED).length).toBeGreaterThan(0);
        expect(
          checkSql({ error: false, statements: [{ node: { type: 'SELECT_NODE', from_table: value } }] }, ALLOWED)
            .length,
        ).toBeGreaterThan(0);
      }),
    );
  });

  it('refuses a tree of any depth, and does not fall over it', () => {
    let expression: unknown = {
      class: 'CONSTANT',
      type: 'VALUE_CONSTANT',
      value: { type: { id: 'INTEGER', type_info: null } },
    };
    for (let depth = 0; depth < 100_000; depth++) expression = { class: 'OPERATOR', children: [expression] };
    const node = { type: 'SELECT_NODE', cte_map: { map: [] }, select_list: [expression] };
    const problems = checkSql({ error: false, statements: [{ node, named_param_map: [] }] }, ALLOWED);
    expect(problems).toEqual([{ kind: 'size', message: 'the query is nested too deeply: split it by WITH' }]);
  });
});

describe('the list of functions', () => {
  it('has no name that this DuckDB does not know', async () => {
    const result = await connection.runAndReadAll('SELECT DISTINCT function_name FROM duckdb_functions()');
    const known = new Set(result.getRows().map(([name]) => name));
    // These are made something else of before they are looked up.
    const ofTheGrammar = [
      '!',
      '->',
      'if',
      'ifnull',
      'unnest',
      'current_time',
      'current_timestamp',
      'localtime',
      'localtimestamp',
    ];
    const { scalar, aggregate, window, table } = ALLOWED_FUNCTIONS;
    const names = [...scalar, ...aggregate, ...window, ...table];
    expect(names.filter((name) => !known.has(name) && !ofTheGrammar.includes(name))).toEqual([]);
  });

  it('is in the documentation', () => {
    const page = readFileSync(fileURLToPath(new URL('../../../../docs/sql-functions.md', import.meta.url)), 'utf8');
    const { scalar, ...others } = functions.allowed;
    for (const names of [...Object.values(scalar), ...Object.values(others)])
      expect(page).toContain(names.map((name) => `\`${name}\``).join(' '));
  });

  it('has none that there is a reason to refuse', () => {
    const { scalar, aggregate, window, table } = ALLOWED_FUNCTIONS;
    const anyReason = refusal('no such function').why;
    expect([...scalar, ...aggregate, ...window, ...table].filter((name) => refusal(name).why !== anyReason)).toEqual(
      [],
    );
  });
});

async function run(sql: string): Promise<QueryEnd> {
  const query = { sql, parameters: {}, tables: ALLOWED.tables, limits: DEFAULT_LIMITS };
  return database.run(query, { columns: () => undefined, rows: async () => undefined }, new AbortController().signal);
}

async function serialize(sql: string): Promise<unknown> {
  const result = await connection.runAndReadAll('SELECT json_serialize_sql($sql::VARCHAR)', { sql });
  return JSON.parse(String(result.getRows()[0][0]));
}

type Node = Record<string, unknown>;

/** Every node below the statements with each of its fields, but for the value of a constant, which may be any JSON. */
function placesOf(tree: unknown): [Node, string][] {
  if (typeof tree !== 'object' || tree === null) return [];
  const fields = Object.entries(tree as Node).filter(([field]) => !(field === 'value' && 'is_null' in tree));
  const own =
    Array.isArray(tree) || 'statements' in tree ? [] : fields.map(([field]): [Node, string] => [tree as Node, field]);
  return [...own, ...fields.flatMap(([, value]) => placesOf(value))];
}
