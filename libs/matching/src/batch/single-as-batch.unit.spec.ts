import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MatchEngine } from '../engine/match-engine.js';
import { type RecordTable } from '../engine/record-table.js';
import { matchPeople } from './match-people.js';
import { anyTable, csvOf, readTable } from './people.fixture.js';
import { PersonRows } from './person-row.js';
import { readCsv } from './read-csv.js';

function load(text: string): { table: RecordTable; ids: string[]; rows: PersonRows; cells: string[][] } {
  const { table, ids, people } = readTable(text);
  const cells: string[][] = [];
  readCsv(
    text,
    () => undefined,
    (row) => void cells.push([...row]),
  );
  return { table, ids, rows: new PersonRows(people.columns[0]), cells };
}

describe('single records and a batch', () => {
  it('give one pair one score under one model, and a pair above the review cut shares a key', async () => {
    await fc.assert(
      fc.asyncProperty(anyTable, async (people) => {
        const { table: records, ids, rows, cells } = load(csvOf(people));
        const { model, pairs } = await matchPeople(records, ids, undefined, { threads: 0 });
        const engine = new MatchEngine(model);
        const prepared = cells.map((row) => engine.prepare(rows.fields(row)));
        pairs.score.forEach((score, at) => {
          const a = prepared[pairs.a[at]];
          const b = prepared[pairs.b[at]];
          expect(engine.compare(a, b).score).toBe(score);
          expect(engine.keys(a).some((key) => engine.keys(b).includes(key))).toBe(true);
        });
      }),
      { numRuns: 40 },
    );
  });

  it('read a table the short way and the way of single records to the same pairs and clusters', async () => {
    await fc.assert(
      fc.asyncProperty(anyTable, async (people) => {
        const short = load(csvOf(people));
        // A second phone column, empty: the records go through PersonFields.
        const long = load(csvOf(people, 'mobile'));
        const a = await matchPeople(short.table, short.ids, undefined, { threads: 0 });
        const b = await matchPeople(long.table, long.ids, undefined, { threads: 0 });
        expect(b.pairs).toEqual(a.pairs);
        expect(b.cluster).toEqual(a.cluster);
        expect(b.model).toEqual(a.model);
      }),
      { numRuns: 40 },
    );
  });
});
