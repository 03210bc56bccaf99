import { describe, expect, it } from '@jest/globals';
import { rowFormat, type AnswerColumn, type JsonRow } from './row-formats.js';
import { type Format } from './sql-request.js';

const COLUMNS: AnswerColumn[] = [
  { name: 'id', type: 'VARCHAR' },
  { name: 'n', type: 'BIGINT' },
  { name: 'dose', type: 'DECIMAL(20,3)' },
  { name: 'ok', type: 'BOOLEAN' },
];
const ROWS: JsonRow[] = [
  ['a "b", c\n', '9007199254740993', '1.500', true],
  [null, null, null, null],
];

function text(format: Exclude<Format, 'parquet'>, columns: AnswerColumn[], rows: JsonRow[], header = true): string {
  const { begin, row, end } = rowFormat(format, columns, header);
  return begin + rows.map((values, index) => row(values, index === 0)).join('') + end(rows.length === 0);
}

describe('rows as text', () => {
  it('JSON has every digit of every number', () => {
    const first = '{"id":"a \\"b\\", c\\n","n":9007199254740993,"dose":1.500,"ok":true}';
    const second = '{"id":null,"n":null,"dose":null,"ok":null}';
    expect(text('ndjson', COLUMNS, ROWS)).toBe(`${first}\n${second}\n`);
    expect(text('json', COLUMNS, ROWS)).toBe(`[${first},\n${second}]\n`);
    expect(text('json', COLUMNS, [])).toBe('[]\n');
  });

  it('CSV quotes what must be quoted, and leaves null empty', () => {
    expect(text('csv', COLUMNS, ROWS)).toBe('id,n,dose,ok\r\n"a ""b"", c\n",9007199254740993,1.500,true\r\n,,,\r\n');
    expect(text('csv', COLUMNS, [], false)).toBe('');
  });

  it('FHIR has a value of the type of each column, and none for null', () => {
    const columns = [
      ...COLUMNS,
      { name: 'day', type: 'DATE' },
      { name: 'at', type: 'TIMESTAMP' },
      { name: 'when', type: 'TIMESTAMP WITH TIME ZONE' },
      { name: 'few', type: 'INTEGER' },
      { name: 'time', type: 'TIME' },
    ];
    const row = [
      'x',
      '5',
      '1.500',
      false,
      '2024-01-31',
      '2024-01-31 08:00:00',
      '2024-01-31 08:00:00+00',
      7,
      '08:00:00',
    ];
    const answer = text('fhir', columns, [row, row.map(() => null)]);
    expect(answer).toContain('"valueDecimal":1.500');
    expect(JSON.parse(answer)).toEqual({
      resourceType: 'Parameters',
      parameter: [
        {
          name: 'row',
          part: [
            { name: 'id', valueString: 'x' },
            { name: 'n', valueInteger64: '5' },
            { name: 'dose', valueDecimal: 1.5 },
            { name: 'ok', valueBoolean: false },
            { name: 'day', valueDate: '2024-01-31' },
            { name: 'at', valueDateTime: '2024-01-31T08:00:00' },
            { name: 'when', valueInstant: '2024-01-31T08:00:00.000Z' },
            { name: 'few', valueInteger: 7 },
            { name: 'time', valueTime: '08:00:00' },
          ],
        },
        { name: 'row' },
      ],
    });
    expect(JSON.parse(text('fhir', COLUMNS, []))).toEqual({ resourceType: 'Parameters' });
  });

  it('a list has no FHIR value', () => {
    expect(() => rowFormat('fhir', [{ name: 'codes', type: 'VARCHAR[]' }], true)).toThrow(/column codes .* cast it/);
  });
});
