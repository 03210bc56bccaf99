import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { eventually, processesOf, temporaryFolder } from '@chartledger/testing';
import { type SqlLimitError, type SqlRefusedError } from './errors.js';
import { LockedSql, type RunOptions } from './locked-sql.js';
import { type SqlParameter } from './parameters.js';

const PROGRAM = new URL('../../../../dist/libs/population/src/locked-sql/locked-sql.worker.js', import.meta.url);
const ENDLESS = 'SELECT sum(hash(range)) FROM range(1000000000000)';

let folder: string;
let file: string;
let locked: LockedSql;
beforeAll(async () => {
  folder = await temporaryFolder();
  file = join(folder, 'project.duckdb');
  await writeNumbers(file, 10_000);
  locked = new LockedSql({ program: PROGRAM, children: 2, childrenPerFile: 1, waiting: 1 });
  await locked.start();
});
afterAll(async () => {
  await locked.close();
  await rm(folder, { recursive: true });
});

describe('LockedSql', () => {
  it('gives rows with their types, and loses nothing', async () => {
    const sql = `SELECT 9007199254740993 AS i, 1.50::DECIMAL(10,2) AS d, 12345678901234567890123456789012345678::HUGEINT AS h,
      DATE '2024-02-29' AS day, TIMESTAMP '2024-02-29 12:34:56.789012' AS t, 'x' AS v, 0.1 + 0.2::DOUBLE AS f, true AS b, NULL AS n,
      [1, NULL] AS l, {'a': 1.5::DECIMAL(3,1)} AS s, MAP {'k': 1::BIGINT} AS m, 'infinity'::DOUBLE AS inf, '\\x00'::BLOB AS blob`;
    const { columns, rows } = await answer(sql);
    expect(Object.fromEntries(columns.map(({ name }, index) => [name, [columns[index].type, rows[0][index]]]))).toEqual(
      {
        i: ['BIGINT', '9007199254740993'],
        d: ['DECIMAL(10,2)', '1.50'],
        h: ['HUGEINT', '12345678901234567890123456789012345678'],
        day: ['DATE', '2024-02-29'],
        t: ['TIMESTAMP', '2024-02-29 12:34:56.789012'],
        v: ['VARCHAR', 'x'],
        f: ['DOUBLE', 0.30000000000000004],
        b: ['BOOLEAN', true],
        n: ['INTEGER', null],
        l: ['INTEGER[]', [1, null]],
        s: ['STRUCT("a" DECIMAL(3,1))', { a: '1.5' }],
        m: ['MAP(VARCHAR, BIGINT)', [{ key: 'k', value: '1' }]],
        inf: ['DOUBLE', 'Infinity'],
        blob: ['BLOB', '\\x00'],
      },
    );
  });

  it('gives a parameter back as it was sent', async () => {
    const parameter = fc.oneof(
      fc.string({ unit: 'binary' }).map((value): [SqlParameter, unknown] => [value, value]),
      fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map((value): [SqlParameter, unknown] => [value, String(value)]),
      fc.double({ noNaN: true }).map((value): [SqlParameter, unknown] => [value, numberIn(value)]),
      fc.array(fc.string()).map((value): [SqlParameter, unknown] => [value, value]),
      fc
        .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
        .map((date) => date.toISOString().slice(0, 10))
        .map((value): [SqlParameter, unknown] => [{ type: 'DATE', value }, value]),
      fc
        .tuple(fc.bigInt(-(10n ** 30n), 10n ** 30n), fc.integer({ min: 0, max: 8 }))
        .map(([digits, scale]) => (scale === 0 ? String(digits) : `${digits}.${'1'.repeat(scale)}`))
        .map((value): [SqlParameter, unknown] => [{ type: 'DECIMAL', value }, value]),
    );
    await fc.assert(
      fc.asyncProperty(parameter, async ([given, expected]) => {
        const { rows } = await answer('SELECT $p', { parameters: { p: given } });
        expect(rows).toEqual([[expected]]);
      }),
      { numRuns: 200 },
    );
  });

  it('names every problem with its place', async () => {
    const problems = (await answer("SELECT\n  getenv('x') FROM nobody").catch(
      (error: unknown) => error,
    )) as SqlRefusedError;
    expect(problems.status).toBe(400);
    expect(problems.issues).toEqual([
      { severity: 'error', code: 'forbidden', diagnostics: expect.stringMatching(/^line 2, column 3: .*getenv/) },
      { severity: 'error', code: 'forbidden', diagnostics: expect.stringMatching(/^line 2, column 20: .*nobody/) },
    ]);
  });

  it('uses a process again: for the next query, after a refusal, a failure, too many rows, a reader who leaves', async () => {
    const pids = await locked.pids();
    await expect(answer('SELECT * FROM nobody')).rejects.toThrow('there is no table');
    await expect(answer('SELECT nothing FROM numbers')).rejects.toThrow('not found');
    await expect(answer('FROM numbers', { limits: { rows: 10 } })).rejects.toThrow('more than 10 rows');
    const { rows } = await locked.run(file, 'SELECT n, repeat($x, 10000) FROM numbers', {
      tables: ['numbers'],
      parameters: { x: 'x' },
    });
    for await (const batch of rows) {
      expect(batch.length).toBeGreaterThan(0);
      break;
    }
    expect(await locked.pids()).toEqual(pids);
  });

  it('says that there are more rows than it gave', async () => {
    const { rows } = await locked.run(file, 'SELECT n FROM numbers ORDER BY n', {
      tables: ['numbers'],
      limits: { rows: 5 },
    });
    const read: unknown[][] = [];
    const reading = (async () => {
      for await (const batch of rows) read.push(...batch);
    })();
    await expect(reading).rejects.toThrow('more than 5 rows');
    expect(read).toEqual([['0'], ['1'], ['2'], ['3'], ['4']]);
  });

  it('makes a query wait for its reader', async () => {
    const before = sum((await locked.pids()).map(writtenBy));
    const { rows } = await locked.run(file, "SELECT n, repeat('x', 5000) FROM numbers, range(100)", {
      tables: ['numbers'],
      limits: { bytes: 10 ** 10, rows: 10 ** 7 },
    });
    const first = await rows.next();
    expect(first.done).toBe(false);
    // What was written and not read is in the channel, and no more of it comes.
    const written = await settled(async () => sum((await locked.pids()).map(writtenBy)));
    expect(written).toBeLessThan(before + 4 * 1024 * 1024);
    await rows.return!();
  });

  it('ends a query when whoever asked gives it up: before, while it waits, runs, or is read', async () => {
    const reason = new Error('given up');
    await expect(answer('SELECT 1', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);

    const running = new AbortController();
    const ended = answer(ENDLESS, { signal: running.signal }).catch((error: unknown) => error);
    const waiting = new AbortController();
    const gone = answer('SELECT 1', { signal: waiting.signal }).catch((error: unknown) => error);
    waiting.abort(reason);
    expect(await gone).toBe(reason);
    running.abort(reason);
    expect(await ended).toBe(reason);

    const read = new AbortController();
    const { rows } = await locked.run(file, 'SELECT a.n FROM numbers a, numbers b', {
      tables: ['numbers'],
      signal: read.signal,
      limits: { rows: 10 ** 9 },
    });
    await rows.next();
    read.abort(reason);
    const reading = (async () => {
      for await (const batch of rows) expect(batch.length).toBeGreaterThan(0);
    })();
    await expect(reading).rejects.toBe(reason);
  });

  it('throws a process away that had to be stopped, and has another at hand', async () => {
    const before = await locked.pids();
    const error = (await answer(ENDLESS, { limits: { seconds: 0.3 } }).catch(
      (thrown: unknown) => thrown,
    )) as SqlLimitError;
    expect([error.status, error.limit, error.code]).toEqual([422, 'seconds', 'timeout']);
    expect(error.message).toContain('longer than 0.3 s');
    expect(await locked.pids()).not.toEqual(before);
  });

  it('sees a file that took the place of another', async () => {
    const moved = join(folder, 'replaced.duckdb');
    await writeNumbers(moved, 3);
    expect((await answer('SELECT count(*)::INTEGER FROM numbers', {}, moved)).rows).toEqual([[3]]);
    await writeNumbers(`${moved}.new`, 5);
    await rename(`${moved}.new`, moved);
    expect((await answer('SELECT count(*)::INTEGER FROM numbers', {}, moved)).rows).toEqual([[5]]);
  });

  it('has a process at hand for a file that was not asked before', async () => {
    for (const name of ['first', 'second', 'third']) {
      const path = join(folder, `${name}.duckdb`);
      await writeNumbers(path, 4);
      const before = await locked.pids();
      await answer('FROM numbers', {}, path);
      expect(before.filter((pid) => opened(pid).includes(path))).toHaveLength(1);
    }
  });

  it('says so when there is no file, or none of DuckDB', async () => {
    await expect(answer('SELECT 1', {}, join(folder, 'nothing.duckdb'))).rejects.toMatchObject({ status: 404 });
    await expect(answer('SELECT 1', {}, process.execPath)).rejects.toMatchObject({ status: 503 });
  });

  it('lets no file have all processes, and no more wait than it can serve', async () => {
    const stop = new AbortController();
    const running = answer(ENDLESS, { signal: stop.signal }).catch(() => undefined);
    const waiting = answer('SELECT 1');
    const other = join(folder, 'other.duckdb');
    await writeNumbers(other, 2);
    expect((await answer('SELECT count(*)::INTEGER FROM numbers', {}, other)).rows).toEqual([[2]]);
    await expect(answer('SELECT 1')).rejects.toMatchObject({ status: 503 });
    stop.abort();
    await running;
    expect((await waiting).rows).toEqual([[1]]);
  });

  it('says why a process does not start', async () => {
    const broken = new LockedSql({ program: new URL('./nothing.js', PROGRAM), children: 1 });
    await expect(broken.start()).rejects.toMatchObject({ status: 503, cause: expect.stringContaining('nothing.js') });
    await expect(broken.run(file, 'SELECT 1', { tables: [] })).rejects.toMatchObject({ status: 503 });
    await broken.close();
  });

  it('keeps no process after its end, also not of a query that runs', async () => {
    const closing = new LockedSql({ program: PROGRAM, children: 1, memoryBytes: 100 * 1024 * 1024 + 1 });
    await closing.start();
    const pids = await closing.pids();
    const running = closing.run(file, ENDLESS, { tables: [] }).catch((error: Error) => error);
    await eventually('the work', () => processorTime(pids[0]) > 0.5 || undefined);
    await closing.close();
    expect(await running).toBeInstanceOf(Error);
    expect(processesOf(String(100 * 1024 * 1024 + 1))).toEqual([]);
  });
});

async function answer(
  sql: string,
  options: Partial<RunOptions> = {},
  path = file,
): Promise<{ columns: { name: string; type: string }[]; rows: unknown[][] }> {
  const { columns, rows } = await locked.run(path, sql, { tables: ['numbers'], ...options });
  const all: unknown[][] = [];
  for await (const batch of rows) all.push(...batch);
  return { columns, rows: all };
}

/** The files that a process has open; none for one that has ended. */
function opened(pid: number | undefined): string[] {
  if (!existsSync(`/proc/${pid}/fd`)) return [];
  return readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
}

/** As JSON has it, or as text where that would lose something. */
function numberIn(value: number): unknown {
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return 0;
  return Number.isSafeInteger(value) && Math.abs(value) >= 2 ** 31 ? String(value) : value;
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** The number once it has been the same for some readings. */
async function settled(read: () => Promise<number>): Promise<number> {
  const readings: number[] = [];
  return eventually('a number that stays', async () => {
    readings.push(await read());
    const last = readings.slice(-5);
    return last.length === 5 && last.every((reading) => reading === last[0]) ? last[0] : undefined;
  });
}

/** Bytes that a process has written, to files and channels. */
function writtenBy(pid: number | undefined): number {
  return Number(/^wchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1]);
}

/** Seconds that a process has worked. */
function processorTime(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function writeNumbers(path: string, count: number): Promise<void> {
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  await connection.run(`CREATE TABLE numbers AS SELECT range AS n FROM range(${count})`);
  connection.closeSync();
  instance.closeSync();
}
