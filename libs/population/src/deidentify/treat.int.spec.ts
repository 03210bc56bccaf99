import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import fc from 'fast-check';
import { deidentifyView, type Treatment } from './deidentify-view.js';
import { ProjectSecret, SHIFT_DAYS } from './project-secret.js';
import { deidentifiedSql, treat, treatSql, type Cell, type TreatOptions } from './treat.js';
import treated from './treat.cases.json' with { type: 'json' };

interface Case {
  treatment: Treatment;
  value: Cell | Cell[];
  becomes: Cell | Cell[];
  /** Whose it is; where it is not said, somebody's. */
  person?: string | null;
  collection?: true;
}

const MASTER = Buffer.alloc(32, 7);
const SECRET = ProjectSecret.derive(MASTER, 'p1');
const OPTIONS: TreatOptions = { secret: SECRET, at: treated.at };

let instance: DuckDBInstance;
let connection: DuckDBConnection;
beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:');
  connection = await instance.connect();
});
afterAll(() => {
  connection.closeSync();
  instance.closeSync();
});

describe('a value as an analyst sees it, in rows and in SQL', () => {
  it.each(treated.cases as Case[])(
    '$treatment of $value is $becomes',
    async ({ treatment, value, becomes, person = 'p', collection = false }) => {
      expect(treat(treatment, value, person, OPTIONS)).toEqual(becomes);
      expect(await bySql(treatment, value, person, collection)).toEqual(becomes);
    },
  );

  it('is the same both ways', async () => {
    const date = fc
      .date({ min: new Date('1850-01-01'), max: new Date('2090-12-31'), noInvalidDate: true })
      .map((day) => day.toISOString());
    const text = fc.oneof(
      date,
      fc.tuple(date, fc.constantFrom(4, 7, 10, 19)).map(([day, length]) => day.slice(0, length)),
      fc.stringMatching(/^\d{4,9}(-\d{4})?$/),
      fc.string({ unit: 'grapheme' }).filter((each) => !each.includes('\0')),
    );
    const treatment = fc.constantFrom<Treatment>('keep', 'key', 'year', 'shift', 'zip3');
    await fc.assert(
      fc.asyncProperty(
        treatment,
        text,
        fc.option(fc.string({ unit: 'grapheme' }).filter((each) => !each.includes('\0'))),
        async (kind, value, person) => {
          expect(await bySql(kind, value, person, false)).toEqual(treat(kind, value, person, OPTIONS));
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('dates that are shifted', () => {
  it('keep what lies between them for each person, and are never where they were', () => {
    const day = fc.date({ min: new Date('1950-01-01'), max: new Date('2026-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(fc.string(), day, day, (person, first, second) => {
        const [from, to] = [first, second].map((each) => each.toISOString().slice(0, 10));
        const [movedFrom, movedTo] = [from, to].map((each) => String(treat('shift', each, person, OPTIONS)));
        expect(Date.parse(movedTo) - Date.parse(movedFrom)).toBe(Date.parse(to) - Date.parse(from));
        expect(movedFrom).not.toBe(from);
        expect(Math.abs(Date.parse(movedFrom) - Date.parse(from)) / 86_400_000).toBeLessThanOrEqual(SHIFT_DAYS);
      }),
    );
  });

  it('are moved by all numbers of days, to both sides', () => {
    const shifts = new Set(Array.from({ length: 20_000 }, (_, at) => SECRET.shiftDays(`person ${at}`)));
    expect(shifts.size).toBe(2 * SHIFT_DAYS);
    expect(shifts.has(0)).toBe(false);
    expect([Math.min(...shifts), Math.max(...shifts)]).toEqual([-SHIFT_DAYS, SHIFT_DAYS]);
  });
});

describe('a table as an analyst sees it', () => {
  it('has the columns that are shown and the keys, in an order that tells nothing', async () => {
    const definition = {
      select: [
        {
          column: [
            { name: 'seen', path: 'issued' },
            { name: 'family', path: 'name.family' },
          ],
        },
      ],
    };
    const columns = [
      { name: 'seen', type: 'instant' },
      { name: 'family', type: 'string' },
    ];
    const policy = { dates: 'year', displays: 'drop', trustTags: false } as const;
    const view = deidentifyView(columns, definition, policy);
    await connection.run(`CREATE OR REPLACE TABLE notes AS FROM (VALUES
      ('2024-05-01', 'Smith', 'st-mary/Patient/2', 'person/1', 'st-mary', 'Observation/9', 1, 1, 12, 'person/1'),
      ('2023-05-01', 'Jones', 'st-mary/Patient/1', 'person/1', 'st-mary', 'Observation/8', 1, 1, 11, 'person/1'))
      AS t(seen, family, patient_key, person_key, _source, _record, _version, _chain, _seq, _person)`);
    const result = await connection.runAndReadAll(deidentifiedSql(view, 'notes', OPTIONS));
    expect(result.columnNames()).toEqual(['seen', 'patient_key', 'person_key', '_source']);
    const [person, source] = [SECRET.key('person/1'), SECRET.key('st-mary')];
    expect(result.getRowsJson()).toEqual([
      [2023, SECRET.key('st-mary/Patient/1'), person, source],
      [2024, SECRET.key('st-mary/Patient/2'), person, source],
    ]);
  });
});

describe('keys', () => {
  it('are equal for the same record of a project and no other, and tell nothing to another project', () => {
    const other = ProjectSecret.derive(MASTER, 'p2');
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, another) => {
        expect(SECRET.key(one)).toBe(ProjectSecret.derive(MASTER, 'p1').key(one));
        expect(SECRET.key(one) === SECRET.key(another)).toBe(one === another);
        expect(other.key(one)).not.toBe(SECRET.key(one));
        expect(SECRET.key(one)).toMatch(/^[0-9a-f]{32}$/);
      }),
    );
  });

  it('need a secret that cannot be tried out', () => {
    expect(() => ProjectSecret.derive(Buffer.alloc(16), 'p1')).toThrow('fewer than 32 bytes');
  });
});

async function bySql(
  treatment: Treatment,
  value: Cell | Cell[],
  person: string | null,
  collection: boolean,
): Promise<unknown> {
  const column = treatSql({ name: 'a "b"', treatment, collection, why: '' }, 'person', OPTIONS);
  const values = collection ? { value: JSON.stringify(value), person } : { value: value as string | number, person };
  const given = collection
    ? '(($value::JSON)::VARCHAR[])'
    : typeof value === 'number'
      ? '$value::DOUBLE'
      : typeof value === 'boolean'
        ? '$value::BOOLEAN'
        : '$value::VARCHAR';
  const result = await connection.runAndReadAll(
    `SELECT ${column} FROM (SELECT ${given} AS "a ""b""", $person::VARCHAR AS person)`,
    values,
  );
  return result.getRowsJson()[0][0];
}
