import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestDatabase, type TestDatabase } from '@chartledger/testing';
import fc from 'fast-check';
import { type Pool } from 'pg';
import { type DataSource } from 'typeorm';
import { byteaArray, int4Array, int8Array, textArray } from './binary-array.js';
import { copyRows, int8Of } from './copy-rows.js';
import { migrate, openDataSource } from './data-source.js';
import { poolOf } from './statements.js';

const RUNS = { numRuns: 60 };

let database: TestDatabase;
let source: DataSource;
let pool: Pool;
beforeAll(async () => {
  database = await startTestDatabase();
  const connection = await database.another();
  await migrate(connection, { entities: [], migrations: [] });
  source = await openDataSource(connection, { entities: [], migrations: [] });
  pool = poolOf(source);
});
afterAll(async () => {
  await source.destroy();
  await database.stop();
});

/** The items of an array as PostgreSQL understood them, in order, printed by it. */
async function understood(type: string, parameter: Buffer): Promise<string[]> {
  const shown = type === 'bytea' ? `encode(item, 'hex')` : 'item::text';
  const { rows } = await pool.query<{ item: string }>(
    `select ${shown} as item from unnest($1::${type}[]) with ordinality as t (item, number) order by number`,
    [parameter],
  );
  return rows.map(({ item }) => item);
}

describe('a binary array', () => {
  it('of texts is what was sent', async () => {
    const text = fc.string({ unit: 'binary' }).filter((one) => !/\0|\p{Surrogate}/u.test(one));
    await fc.assert(
      fc.asyncProperty(fc.array(text), async (items) => {
        expect(await understood('text', textArray(items))).toEqual(items);
      }),
      RUNS,
    );
  });

  it('of bytes is what was sent', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array()), async (items) => {
        const expected = items.map((item) => Buffer.from(item).toString('hex'));
        expect(await understood('bytea', byteaArray(items))).toEqual(expected);
      }),
      RUNS,
    );
  });

  it('of int4 is what was sent', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer()), async (items) => {
        expect(await understood('int4', int4Array(items))).toEqual(items.map(String));
      }),
      RUNS,
    );
  });

  it('of int8 is what was sent, as safe integers or as the 8 bytes of the value', async () => {
    const item = fc.oneof(
      fc.maxSafeInteger(),
      fc.constantFrom(0, -1, 2 ** 31, -(2 ** 31) - 1, 2 ** 32, -(2 ** 32), Number.MIN_SAFE_INTEGER),
      fc.uint8Array({ minLength: 8, maxLength: 8 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(item), async (items) => {
        const expected = items.map((one) =>
          (typeof one === 'number' ? one : Buffer.from(one, 'latin1').readBigInt64BE(0)).toString(),
        );
        expect(await understood('int8', int8Array(items))).toEqual(expected);
      }),
      RUNS,
    );
  });
});

describe('copyRows', () => {
  it('gives the values of each column, null as undefined', async () => {
    const rows = await copyRows(
      pool,
      `select n::int8, case when n % 2 = 0 then null else decode(repeat('ab', n), 'hex') end from generate_series(0, 99) n order by n`,
    );
    expect(rows.map(([n]) => int8Of(n))).toEqual(Array.from({ length: 100 }, (_, n) => n));
    for (const [n, [, value]] of rows.entries()) {
      expect(value).toEqual(n % 2 === 0 ? undefined : Buffer.alloc(n, 0xab));
    }
  });

  it('gives an int8 back to the last bit of a safe integer', async () => {
    const values = [0, 1, -1, 2 ** 32, -(2 ** 32), Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER];
    const rows = await copyRows(
      pool,
      `select v from (values ${values.map((v, at) => `(${at}, ${v}::int8)`).join()}) t (at, v) order by at`,
    );
    expect(rows.map(([value]) => int8Of(value))).toEqual(values);
  });

  it('gives nothing of nothing, and many megabytes whole', async () => {
    expect(await copyRows(pool, 'select 1 where false')).toEqual([]);
    const [[large]] = await copyRows(pool, `select convert_to(repeat('x', 20000000), 'UTF8')`);
    expect(large!.length).toBe(20_000_000);
  });

  it('passes an error on and leaves the connection to others', async () => {
    await expect(copyRows(pool, 'select 1/0')).rejects.toThrow('division by zero');
    expect(await copyRows(pool, 'select null::text')).toEqual([[undefined]]);
  });
});
