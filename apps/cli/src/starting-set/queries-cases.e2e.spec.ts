import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { caseRecords, type CaseRecord } from './case-records.fixture.js';
import cases from './queries.cases.json' with { type: 'json' };
import { openWorld, type Row, type World } from './world.fixture.js';

interface Case {
  name: string;
  parameters?: Row;
  records: CaseRecord[];
  persons?: Record<string, string[]>;
  expect: unknown[][];
}
interface Group {
  parameters: Row;
  columns: string[];
  cases: Case[];
}

/** Each case has hospitals of its own in the one world: `c3-a`, and persons: `c3-x`. */
const ALL = Object.entries(cases as unknown as Record<string, Group>).flatMap(
  ([query, { parameters, columns, cases: own }]) =>
    own.map((one) => ({ ...one, query, columns, parameters: { ...parameters, ...one.parameters } })),
);
const prefix = (index: number): string => `c${index}-`;

let world: World;
beforeAll(async () => {
  world = await openWorld();
  for (const [index, { records, persons }] of ALL.entries()) {
    const own = caseRecords(records).map((one) => ({ ...one, source: prefix(index) + one.source }));
    await world.put(own);
    for (const { source, resource, deleted } of own)
      if (deleted) await world.remove(source, resource.resourceType, resource.id);
    for (const [person, patients] of Object.entries(persons ?? {}))
      await world.person(
        prefix(index) + person,
        patients.map((patient) => prefix(index) + patient),
      );
  }
}, 120_000);
afterAll(() => world.stop());

describe.each(ALL.map((one, index) => ({ ...one, index })))(
  '$query: $name',
  ({ query, parameters, columns, index, expect: expected }) => {
    it('is counted so', async () => {
      const given = Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== null));
      const rows = await world.run(query, given);
      const own = rows
        .map((row) => JSON.stringify(row))
        .filter((text) => text.includes(`"${prefix(index)}`) || text.includes(`/${prefix(index)}`));
      const plain = own.map((text) => JSON.parse(text.replaceAll(prefix(index), '')) as Row);
      expect(plain.map((row) => columns.map((column) => row[column]))).toEqual(expected);
    });
  },
);

const VALUE_SET = 'http://example.org/ValueSet/own';
const valueSet = (id: string, more: object): Parameters<World['system']>[0] => ({
  type: 'ValueSet',
  id,
  resource: { resourceType: 'ValueSet', id, status: 'active', ...more },
});
const include = (...codes: string[]): object => ({
  system: 'http://example.org',
  concept: codes.map((code) => ({ code })),
});

describe('the value set of a registry', () => {
  const registry = async (asked: string, asOf?: Parameters<World['run']>[2]): Promise<unknown> => {
    const rows = await world.run('condition-registry', { valueSet: asked }, asOf);
    return rows.flatMap((row) => row['codes'] as string[]).sort();
  };
  beforeAll(async () => {
    const records: CaseRecord[] = [
      { at: 'own', patient: '1' },
      ...['a', 'b', 'c'].map((code) => ({ at: 'own', condition: '1', codes: [`http://example.org|${code}`] })),
    ];
    await world.put(caseRecords(records));
  });

  it('is what was written last under its URL, or the version that is named, and as of before what it was then', async () => {
    await world.system(valueSet('own-1', { url: VALUE_SET, version: '1', compose: { include: [include('a', 'b')] } }));
    const before = await world.positions();
    expect(await registry(VALUE_SET)).toEqual(['a', 'b']);
    await world.system(
      valueSet('own-2', {
        url: VALUE_SET,
        version: '2',
        compose: { include: [include('b', 'c')], exclude: [include('b')] },
      }),
    );
    expect(await registry(VALUE_SET)).toEqual(['c']);
    expect(await registry(`${VALUE_SET}|1`)).toEqual(['a', 'b']);
    expect(await registry(VALUE_SET, before)).toEqual(['a', 'b']);
  });

  it('is its expansion where it has one', async () => {
    const contains = [{ abstract: true, display: 'All', contains: [{ system: 'http://example.org', code: 'a' }] }];
    await world.system(
      valueSet('own-3', {
        url: `${VALUE_SET}-expanded`,
        compose: { include: [{ system: 'http://example.org', filter: [{ property: 'p', op: '=', value: 'v' }] }] },
        expansion: { timestamp: '2024-01-01', contains },
      }),
    );
    expect(await registry(`${VALUE_SET}-expanded`)).toEqual(['a']);
  });

  it.each<[string, object | undefined, RegExp]>([
    ['that is not there', undefined, /no such value set/],
    ['of a whole code system', { include: [{ system: 'http://example.org' }] }, /does not list its codes/],
    [
      'of a filter beside codes',
      { include: [include('a'), { system: 'x', filter: [{ property: 'p', op: '=', value: 'v' }] }] },
      /does not list/,
    ],
    ['that refers to another', { include: [{ valueSet: [VALUE_SET] }] }, /does not list/],
    [
      'with an exclusion that it does not list',
      { include: [include('a')], exclude: [{ system: 'http://example.org' }] },
      /does not list/,
    ],
  ])('%s is refused, and not taken for an empty one', async (name, compose, words) => {
    const url = `http://example.org/ValueSet/${name.replaceAll(' ', '-')}`;
    const id = `refused-${name.length}`;
    if (compose) await world.system(valueSet(id, { url, compose }));
    for (const [query, asked] of [
      ['condition-registry', { valueSet: url }],
      ['gap-blood-pressure', { on: '2024-01-01', cohort: url }],
      ['gap-blood-pressure', { on: '2024-01-01', service: url }],
      ['gap-mmr-immunization', { on: '2024-01-01', vaccines: url }],
      ['immunization-coverage', { on: '2024-01-01', vaccines: url }],
    ] as const) {
      await expect(world.run(query, asked)).rejects.toMatchObject({
        status: 422,
        message: expect.stringMatching(words),
      });
    }
  });

  it('a value set of a source is none of ours', async () => {
    const resource = {
      resourceType: 'ValueSet',
      id: 'v',
      status: 'active',
      url: 'http://example.org/ValueSet/theirs',
      compose: { include: [include('a')] },
    };
    await world.put([{ source: 'own', resource }]);
    await expect(registry('http://example.org/ValueSet/theirs')).rejects.toMatchObject({ status: 422 });
  });

  it.each([
    'gap-hba1c',
    'charlson-index',
    'charlson-categories',
    'immunization-coverage',
    'immunization-by-vaccine',
    'utilisation',
    'readmissions',
  ])('without the day that it is asked for, %s is refused', async (query) => {
    await expect(world.run(query, {})).rejects.toMatchObject({
      status: 422,
      message: expect.stringMatching(/^say (on|periodStart)/),
    });
  });
});
