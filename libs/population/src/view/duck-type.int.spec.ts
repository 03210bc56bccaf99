import { Decimal } from '@chartledger/fhir';
import { DuckDBInstance, type DuckDBValue } from '@duckdb/node-api';
import { describe, expect, it } from '@jest/globals';
import { type Cell } from './column-reader.js';
import { type ViewColumn } from './definition.js';
import { duckType } from './duck-type.js';

function column(type: string | undefined, tag?: string, collection = false): ViewColumn {
  return { name: 'c', type, collection, tags: tag === undefined ? [] : [{ name: 'ansi/type', value: tag }] };
}

/** The cell as DuckDB shows it after it was appended to a table of the column's type. */
async function kept(of: ViewColumn, cell: Cell): Promise<unknown> {
  const { sql, type, plain, revive } = duckType(of);
  const packed = plain(cell);
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`SET TimeZone = 'UTC'; CREATE TABLE t (c ${sql})`);
  const appender = await connection.createAppender('t');
  appender.appendValue(packed === null || !revive ? (packed as DuckDBValue) : revive(packed), type);
  appender.endRow();
  appender.closeSync();
  const reader = await connection.runAndReadAll('SELECT c::VARCHAR AS c FROM t');
  connection.closeSync();
  instance.closeSync();
  return reader.getRowObjects()[0]?.c;
}

describe('duckType', () => {
  it.each<[string | undefined, string | undefined, boolean, string]>([
    [undefined, undefined, false, 'VARCHAR'],
    ['id', undefined, false, 'VARCHAR'],
    ['code', undefined, true, 'VARCHAR[]'],
    ['dateTime', undefined, false, 'VARCHAR'],
    ['http://hl7.org/fhirpath/System.Integer', undefined, false, 'INTEGER'],
    ['integer64', undefined, false, 'BIGINT'],
    ['boolean', undefined, false, 'BOOLEAN'],
    ['decimal', undefined, false, 'DOUBLE'],
    ['decimal', 'DECIMAL(18, 4)', true, 'DECIMAL(18,4)[]'],
    ['decimal', 'CHARACTER VARYING', false, 'VARCHAR'],
    ['date', 'date', false, 'DATE'],
    ['dateTime', 'TIMESTAMP', false, 'TIMESTAMP'],
    ['instant', 'TIMESTAMP WITH TIME ZONE', false, 'TIMESTAMP WITH TIME ZONE'],
    ['time', 'TIME', false, 'TIME'],
  ])('a %s tagged %s, a list: %s, is %s', (type, tag, collection, sql) => {
    expect(duckType(column(type, tag, collection)).sql).toBe(sql);
  });

  it.each<[string, string | undefined, Cell, unknown]>([
    ['string', undefined, 'a', 'a'],
    ['string', undefined, 1, '1'],
    ['string', undefined, null, null],
    ['decimal', undefined, 1.5, '1.5'],
    ['decimal', 'VARCHAR', new Decimal('1.50'), '1.50'],
    ['decimal', 'DECIMAL(38,4)', new Decimal('12345678901234567890.12345'), '12345678901234567890.1235'],
    ['decimal', 'DECIMAL(4,1)', new Decimal('-1.25'), '-1.3'],
    ['integer64', undefined, new Decimal('9007199254740993'), '9007199254740993'],
    ['integer', undefined, -7, '-7'],
    ['boolean', undefined, false, 'false'],
    ['date', undefined, '1970-06', '1970-06'],
    ['date', 'DATE', '1970-06-30', '1970-06-30'],
    ['date', 'DATE', '0004-02-29', '0004-02-29'],
    ['date', 'DATE', '1970-06', null],
    ['date', 'DATE', '1970-02-30', null],
    ['dateTime', 'DATE', '2020-01-01T23:30:00-05:00', '2020-01-01'],
    ['dateTime', 'TIMESTAMP', '2020-01-01T23:30:00.25-05:00', '2020-01-02 04:30:00.25'],
    ['dateTime', 'TIMESTAMP', '1969-12-31', '1969-12-31 00:00:00'],
    ['dateTime', 'TIMESTAMP', '2020', null],
    ['instant', 'TIMESTAMP WITH TIME ZONE', '2020-01-01T00:00:00+02:00', '2019-12-31 22:00:00+00'],
    ['time', 'TIME', '12:34:56', '12:34:56'],
  ])('%s, %s: %s is kept as %s', async (type, tag, cell, wanted) => {
    expect(await kept(column(type, tag), cell)).toBe(wanted);
  });

  it('a list is kept as a list', async () => {
    expect(await kept(column('string', undefined, true), ['a', 'b'])).toBe('[a, b]');
    expect(await kept(column('integer', undefined, true), [])).toBe('[]');
  });

  it.each<[string, string | undefined, Cell, string]>([
    ['integer', undefined, 1.5, 'column c: is not an INTEGER'],
    ['integer', undefined, 2 ** 31, 'column c: is not an INTEGER'],
    ['integer64', undefined, new Decimal('9223372036854775808'), 'column c: is not a BIGINT'],
    ['decimal', undefined, 'high', 'column c: is not a number'],
    ['decimal', undefined, new Decimal('1e999'), 'column c: is not a DOUBLE'],
    ['decimal', 'DECIMAL(3,1)', 100, 'column c: is not a DECIMAL(3,1)'],
    ['decimal', 'DECIMAL(3,1)', new Decimal('1e999999999'), 'column c: is not a DECIMAL(3,1)'],
    ['boolean', undefined, 'true', 'column c: is not true or false'],
  ])('%s, %s: %s is refused', (type, tag, cell, message) => {
    expect(() => duckType(column(type, tag)).plain(cell)).toThrow(message);
  });
});
