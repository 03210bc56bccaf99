import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { gap, registry, stays, utilisation } from './plain-queries.fixture.js';
import { Plain } from './plain.fixture.js';
import { openWorld, type Resource, type World } from './world.fixture.js';

const SEED = Number(process.env['CHARTLEDGER_TEST_SEED'] ?? Date.now() % 1_000_000);
const PATIENTS = 60;
const SOURCES = ['north', 'south', 'west'];
const DIABETES = 'http://snomed.info/sct|44054006';
const HBA1C = 'http://loinc.org|4548-4';

/** Days close to each other, so that stays touch, overlap, lie within each other, and come back after some 30 days. */
const day = (offset: number): string => new Date(Date.UTC(2024, 0, 1 + offset)).toISOString().slice(0, 10);
const around = fc.integer({ min: -40, max: 400 }).map(day);
const moment = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.tuple(around, fc.constantFrom('T08:00:00Z', 'T23:30:00-05:00', '')).map(([on, at]) => on + at),
  },
  { weight: 1, arbitrary: around.map((on) => on.slice(0, 7)) },
);
const concept = (coded: string): object => ({ coding: [{ system: coded.split('|')[0], code: coded.split('|')[1] }] });
const status = (...codes: string[]): fc.Arbitrary<object | undefined> =>
  fc.option(
    fc.constantFrom(...codes).map((code) => ({ coding: [{ code }] })),
    { nil: undefined },
  );

const stay = fc.record({
  resourceType: fc.constant('Encounter'),
  status: fc.constantFrom(
    'finished',
    'finished',
    'finished',
    'in-progress',
    'planned',
    'cancelled',
    'entered-in-error',
  ),
  class: fc.constantFrom('IMP', 'IMP', 'ACUTE', 'EMER', 'AMB').map((code) => ({ code })),
  period: fc.tuple(moment, fc.integer({ min: 0, max: 12 }), fc.boolean()).map(([start, length, isOpen]) => {
    const end =
      start.length < 10 ? start : day((Date.parse(start.slice(0, 10)) - Date.UTC(2024, 0, 1)) / 86_400_000 + length);
    return isOpen && length === 0 ? { start } : { start, end };
  }),
  hospitalization: status('home', 'exp').map((code) => (code ? { dischargeDisposition: code } : undefined)),
});
const condition = fc.record({
  resourceType: fc.constant('Condition'),
  code: fc.constantFrom(DIABETES, 'http://example.org|x').map(concept),
  verificationStatus: status('confirmed', 'confirmed', 'refuted', 'entered-in-error'),
  clinicalStatus: status('active', 'resolved'),
  onsetDateTime: fc.option(moment, { nil: undefined }),
  abatementDateTime: fc.option(moment, { nil: undefined }),
  recordedDate: fc.option(around, { nil: undefined }),
});
const observation = fc.record({
  resourceType: fc.constant('Observation'),
  code: fc.constantFrom(HBA1C, 'http://example.org|x').map(concept),
  status: fc.constantFrom('final', 'corrected', 'preliminary', 'entered-in-error'),
  effectiveDateTime: fc.option(moment, { nil: undefined }),
});
const patient = fc.record({
  resourceType: fc.constant('Patient'),
  birthDate: fc.option(fc.constantFrom('1950-02-03', '1990', '2024-03-01', '2005-11'), { nil: undefined }),
  active: fc.option(fc.boolean(), { nil: undefined }),
  deceasedDateTime: fc.option(around, { nil: undefined, freq: 3 }),
});
const chart = fc.record({
  source: fc.constantFrom(...SOURCES),
  /** Those with the same number are one person; half are nobody's. */
  person: fc.integer({ min: 0, max: PATIENTS }),
  patient,
  records: fc.array(fc.oneof({ weight: 3, arbitrary: stay }, condition, observation), { maxLength: 10 }),
});

let world: World;
let plain: Plain;
beforeAll(async () => {
  world = await openWorld();
  const charts = fc.sample(fc.array(chart, { minLength: PATIENTS, maxLength: PATIENTS, size: 'max' }), {
    seed: SEED,
    numRuns: 1,
  })[0]!;
  const persons = new Map<string, string[]>();
  for (const [index, { source, person, patient: about, records }] of charts.entries()) {
    const subject = { reference: `Patient/p${index}` };
    const own = records.map(
      (record, place) => ({ ...record, id: `r${index}-${place}`, subject }) as unknown as Resource,
    );
    const all = [{ ...about, id: `p${index}` } as unknown as Resource, ...own];
    await world.put(all.map((resource) => ({ source, resource })));
    if (person < PATIENTS / 2)
      persons.set(`x${person}`, [...(persons.get(`x${person}`) ?? []), `${source}/Patient/p${index}`]);
  }
  for (const [person, patients] of persons) await world.person(person, patients);
  plain = new Plain(world.state);
}, 120_000);
afterAll(() => world.stop());

it(`stays of people who come and go (CHARTLEDGER_TEST_SEED=${SEED})`, async () => {
  const rows = await world.run('inpatient-stay', {});
  const expected = stays(plain).map(({ person, from, to, died }) => [
    person,
    from,
    to === '9999-12-31' ? null : to,
    died,
  ]);
  const found = rows.map((row) => [row['person_key'], row['admitted_on'], row['discharged_on'], row['died']]);
  expect(found.map((one) => JSON.stringify(one)).sort()).toEqual(expected.map((one) => JSON.stringify(one)).sort());
  expect(rows.some((row) => (row['encounters'] as string[]).length > 1)).toBe(true);
});

it(`use of hospitals of all of them (CHARTLEDGER_TEST_SEED=${SEED})`, async () => {
  for (const [periodStart, periodEnd, within] of [
    ['2024-01-01', '2024-12-31', 30],
    ['2024-02-15', '2024-06-30', 7],
  ] as const) {
    const rows = await world.run('utilisation', { periodStart, periodEnd, within });
    const expected = utilisation(plain, periodStart, periodEnd, within).get(null)!;
    const all = rows.find((row) => row['source'] === null)!;
    expect(Object.fromEntries(Object.keys(expected).map((name) => [name, all[name]]))).toEqual(expected);
  }
});

it(`registries and gaps on any day (CHARTLEDGER_TEST_SEED=${SEED})`, async () => {
  for (const on of ['2024-03-01', '2024-09-09']) {
    const rows = await world.run('condition-registry', { on });
    expect(rows.map((row) => row['person_key'])).toEqual(registry(plain, new Set([DIABETES]), on));
    const missing = await world.run('gap-hba1c', { on, months: 2 });
    const expected = gap(plain, 'Observation', {
      on,
      codes: new Set([HBA1C]),
      cohort: new Set([DIABETES]),
      months: 2,
      ages: [0, 150],
    });
    expect(missing.map((row) => [row['person_key'], row['last_done'], row['times']])).toEqual(
      expected
        .map((row) => [row['person_key'], row['last_done'], row['times']])
        .sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1)),
    );
  }
});
