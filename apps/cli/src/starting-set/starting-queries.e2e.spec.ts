import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startingMeasures } from '@chartledger/population';
import { charlson, coverage, gap, registry, stays, utilisation } from './plain-queries.fixture.js';
import { Plain } from './plain.fixture.js';
import { loadTown } from './town.fixture.js';
import { openWorld, type Positions, type Resource, type Row, type State, type World } from './world.fixture.js';

const PATIENTS = 150;
const SEED = 11;
/** Of the records of a type every so many are deleted, and as many taken back as mistaken. */
const DELETED_ONE_IN = 7;
const DAYS = ['2023-06-30', '2025-12-31'];

let world: World;
let moments: [name: string, plain: Plain, asOf: Positions | undefined][];
beforeAll(async () => {
  world = await openWorld();
  const before = await loadTown(world, PATIENTS, SEED);
  const positions = await world.positions();
  await change(before);
  moments = [
    ['now', new Plain(world.state), undefined],
    ['as of before', new Plain(before), positions],
  ];
}, 300_000);
afterAll(() => world.stop());

/** Deletions, mistakes that are taken back, persons that are parted and others that are made one. */
async function change(before: State): Promise<void> {
  const of = (type: string): [string, Resource][] => [...before.records].filter(([key]) => key.includes(`/${type}/`));
  for (const type of ['Encounter', 'Condition', 'Immunization', 'Observation']) {
    for (const [index, [key, resource]] of of(type).entries()) {
      const source = key.split('/')[0]!;
      if (index % DELETED_ONE_IN === 0 && index < 100) await world.remove(source, type, resource.id);
      if (index % DELETED_ONE_IN === 1 && index < 100 && type === 'Condition') {
        const mistaken = { clinicalStatus: undefined, verificationStatus: { coding: [{ code: 'entered-in-error' }] } };
        await world.put([{ source, resource: { ...resource, ...mistaken } }]);
      }
    }
  }
  const [first, second, third] = [...before.persons];
  await world.person(first![0], []);
  await world.person(third![0], []);
  await world.person(second![0], [...second![1], ...third![1]]);
}

const codesOf = (id: string): Set<string> => {
  const found = startingMeasures().find((one) => one.resourceType === 'ValueSet' && one.id === id) as unknown as {
    compose: { include: { system: string; concept: { code: string }[] }[] };
  };
  return new Set(
    found.compose.include.flatMap(({ system, concept }) => concept.map(({ code }) => `${system}|${code}`)),
  );
};
const url = (id: string): string => `https://chartledger.dev/fhir/ValueSet/${id}`;

/** Rows with the columns of what is expected only, in one order. */
const like = (rows: Row[], columns: readonly string[]): Row[] =>
  rows
    .map((row) => Object.fromEntries(columns.map((column) => [column, row[column]])))
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

const eachMoment = async (check: (plain: Plain, asOf: Positions | undefined) => Promise<number>): Promise<void> => {
  for (const [, plain, asOf] of moments) expect(await check(plain, asOf)).toBeGreaterThan(0);
};

describe('over a town, now and as of before, what a plain computation says', () => {
  it.each(['diabetes', 'hypertension', 'chronic-kidney-disease', 'copd', 'asthma'])(
    'the registry of %s',
    async (valueSet) => {
      for (const on of DAYS) {
        await eachMoment(async (plain, asOf) => {
          const rows = await world.run('condition-registry', { valueSet: url(valueSet), on }, asOf);
          expect(rows.map((row) => row['person_key'])).toEqual(registry(plain, codesOf(valueSet), on));
          return rows.length;
        });
      }
    },
  );

  it.each<[string, 'Observation' | 'Immunization', Omit<Parameters<typeof gap>[2], 'on' | 'codes'>, string, string]>([
    ['gap-hba1c', 'Observation', { months: 12, ages: [0, 150] }, 'hemoglobin-a1c', 'diabetes'],
    ['gap-blood-pressure', 'Observation', { months: 12, ages: [18, 150] }, 'blood-pressure', ''],
    ['gap-influenza-immunization', 'Immunization', { months: 12, ages: [1, 150] }, 'influenza-vaccines', ''],
    ['gap-mmr-immunization', 'Immunization', { ages: [6, 17], doses: 2 }, 'mmr-vaccines', ''],
  ])('%s', async (id, type, due, service, cohort) => {
    for (const on of DAYS) {
      await eachMoment(async (plain, asOf) => {
        const rows = await world.run(id, { on }, asOf);
        const expected = gap(plain, type, {
          ...due,
          on,
          codes: codesOf(service),
          ...(cohort ? { cohort: codesOf(cohort) } : {}),
        });
        const columns = ['person_key', 'age', 'last_done', 'times'];
        expect(like(rows, columns)).toEqual(like(expected, columns));
        return rows.length;
      });
    }
  });

  it('a gap by other ages, months and value sets', async () => {
    const asked = {
      on: '2025-12-31',
      service: url('blood-pressure'),
      cohort: url('hypertension'),
      months: 3,
      minAge: 60,
      maxAge: 79,
    };
    await eachMoment(async (plain, asOf) => {
      const rows = await world.run('gap-hba1c', asked, asOf);
      const expected = gap(plain, 'Observation', {
        on: asked.on,
        codes: codesOf('blood-pressure'),
        cohort: codesOf('hypertension'),
        months: 3,
        ages: [60, 79],
      });
      const columns = ['person_key', 'age', 'last_done', 'times'];
      expect(like(rows, columns)).toEqual(like(expected, columns));
      return rows.length;
    });
  });

  it.each([
    ['2021-01-01', '2026-12-31', 30],
    ['2020-01-01', '2025-12-31', 730],
  ])('use of hospitals from %s to %s, readmissions within %d days', async (periodStart, periodEnd, within) => {
    await eachMoment(async (plain, asOf) => {
      const rows = await world.run('utilisation', { periodStart, periodEnd, within }, asOf);
      const expected = utilisation(plain, periodStart, periodEnd, within);
      const columns = ['source', ...Object.keys(expected.get(null)!)];
      expect(like(rows, columns)).toEqual(
        like(
          [...expected].map(([source, sums]) => ({ source, ...sums })),
          columns,
        ),
      );
      for (const row of rows) {
        expect(row['readmission_rate']).toEqual(
          row['index_discharges'] === 0 ? null : (row['readmissions'] as number) / (row['index_discharges'] as number),
        );
        expect(row['admissions_per_1000']).toBeCloseTo(
          ((row['admissions'] as number) * 1000) / (row['persons'] as number),
        );
      }
      return expected.get(null)![within === 30 ? 'admissions' : 'readmissions'];
    });
  });

  it('stays', async () => {
    await eachMoment(async (plain, asOf) => {
      const rows = await world.run('inpatient-stay', {}, asOf);
      const expected = stays(plain).map(({ person, from, to, admittedTo, dischargedFrom, died }) => ({
        person_key: person,
        admitted_on: from,
        discharged_on: to === '9999-12-31' ? null : to,
        admitted_to: admittedTo,
        discharged_from: dischargedFrom,
        died,
      }));
      const columns = Object.keys(expected[0]!);
      expect(like(rows, columns)).toEqual(like(expected, columns));
      return rows.length;
    });
  });

  it('the Charlson index', async () => {
    for (const on of DAYS) {
      await eachMoment(async (plain, asOf) => {
        const rows = await world.run('charlson-index', { on }, asOf);
        const columns = ['person_key', 'categories', 'charlson', 'charlson_age_adjusted'];
        expect(like(rows, columns)).toEqual(like(charlson(plain, on), columns));
        return rows.filter((row) => (row['charlson'] as number) > 0).length;
      });
    }
  });

  it.each<[string, number | undefined, number]>([
    ['influenza-vaccines', 24, 1],
    ['mmr-vaccines', undefined, 1],
    ['influenza-vaccines', undefined, 2],
  ])('coverage by %s of %s months, %d doses', async (vaccines, months, doses) => {
    await eachMoment(async (plain, asOf) => {
      const on = '2025-12-31';
      const asked = { on, vaccines: url(vaccines), doses, ...(months === undefined ? {} : { months }) };
      const rows = await world.run('immunization-coverage', asked, asOf);
      const expected = coverage(plain, codesOf(vaccines), on, months, doses);
      expect(new Map(rows.map((row) => [row['age_group'], [row['persons'], row['immunized']]]))).toEqual(expected);
      return expected.get('all')![1];
    });
  });

  it('immunizations by vaccine', async () => {
    await eachMoment(async (plain, asOf) => {
      const on = '2025-12-31';
      const rows = await world.run('immunization-by-vaccine', { on }, asOf);
      const vaccines = new Set(rows.map((row) => row['vaccine'] as string));
      expect(vaccines.size).toBe(6);
      for (const vaccine of vaccines) {
        const expected = coverage(plain, new Set([`http://hl7.org/fhir/sid/cvx|${vaccine}`]), on);
        const found = rows.filter((row) => row['vaccine'] === vaccine);
        expect(new Map(found.map((row) => [row['age_group'], [row['persons'], row['immunized']]]))).toEqual(
          new Map([...expected].filter(([, [, immunized]]) => immunized > 0)),
        );
      }
      return rows.length;
    });
  });
});
