import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MatchEngine } from '../engine/match-engine.js';
import { RecordTable } from '../engine/record-table.js';
import { Values } from '../engine/values.js';
import { matchPeople } from './match-people.js';
import { addPeople, emptyPeople } from './people-table.js';
import { PersonRows } from './person-row.js';
import { readCsv } from './read-csv.js';

const HEADER = 'id,given_name,surname,date_of_birth,sex,street_number,address_1,suburb,postcode,phone,ssn,email';
const pick = (...values: string[]): fc.Arbitrary<string> => fc.constantFrom('', ...values);
const person = fc.tuple(
  pick('Ann', 'Anne', 'Bill', 'William', 'Jon', 'John', 'Baby Girl', 'Smith', 'Mary Ann', 'J'),
  pick('Smith', 'Smyth', 'Müller-Smith', 'Nguyen', 'van Rossen', 'Ann', 'Doe', 'Brown Jr'),
  pick('1984-03-07', '1984-07-03', '1984-03-08', '1994-03-07', '1984', '1984-01-01', '19840307'),
  pick('f', 'm'),
  pick('1', '12', '12a'),
  pick('Forbes Street', 'forbs st', 'Hill Rd'),
  pick('St Albans', 'Saint Albans', 'Ryde'),
  pick('2204', '2240'),
  pick('0409944702', '+61409944702', '0409944703'),
  pick('6988048', '6988084', '999-99-9999'),
  pick('ann@x.org', 'ann@y.org', 'anne.smith@x.org'),
);
const table = fc.array(person, { minLength: 2, maxLength: 25 });

function csv(people: readonly (readonly string[])[], extra = ''): string {
  const head = extra === '' ? HEADER : `${HEADER},${extra}`;
  return [head, ...people.map((cells, at) => [`r${at}`, ...cells, ...(extra === '' ? [] : [''])].join(','))].join('\n');
}

function load(text: string): { table: RecordTable; ids: string[]; rows: PersonRows; cells: string[][] } {
  const people = emptyPeople();
  const records = new RecordTable(new Values());
  addPeople(text, people, records);
  const cells: string[][] = [];
  readCsv(
    text,
    () => undefined,
    (row) => void cells.push([...row]),
  );
  return { table: records, ids: people.ids, rows: new PersonRows(people.columns[0]), cells };
}

describe('single records and a batch', () => {
  it('give one pair one score under one model, and a pair above the review cut shares a key', async () => {
    await fc.assert(
      fc.asyncProperty(table, async (people) => {
        const { table: records, ids, rows, cells } = load(csv(people));
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
      fc.asyncProperty(table, async (people) => {
        const short = load(csv(people));
        // A second phone column, empty: the records go through PersonFields.
        const long = load(csv(people, 'mobile'));
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
