import { describe, expect, it } from '@jest/globals';
import { deidentifyView, TAG, type DeidentifyPolicy, type DeidentifiedView } from './deidentify-view.js';
import { type MeaningColumn } from './column-meaning.js';

const POLICY: DeidentifyPolicy = { dates: 'year', displays: 'drop', trustTags: false };

const PATIENTS = {
  resourceType: 'ViewDefinition',
  resource: 'Patient',
  select: [
    {
      column: [
        { name: 'id', path: 'getResourceKey()' },
        { name: 'gender', path: 'gender' },
        { name: 'birth_date', path: 'birthDate' },
      ],
    },
    {
      forEachOrNull: "name.where(use = 'official').first()",
      column: [{ name: 'family', path: 'family' }],
      select: [{ forEach: 'given', column: [{ name: 'given', path: '$this' }] }],
    },
    {
      forEach: 'address',
      column: [
        { name: 'zip', path: 'postalCode' },
        { name: 'state', path: 'state' },
      ],
    },
  ],
};
const COLUMNS: MeaningColumn[] = [
  { name: 'id', type: 'string' },
  { name: 'gender', type: 'code' },
  { name: 'birth_date', type: 'date' },
  { name: 'family', type: 'string' },
  { name: 'given', type: 'string' },
  { name: 'zip', type: 'string' },
  { name: 'state', type: 'string' },
];

describe('deidentifyView', () => {
  it('says what is shown and how, what falls out, and why', () => {
    const view = deidentifyView(COLUMNS, PATIENTS, POLICY);
    expect(treatments(view)).toEqual({
      id: 'key',
      gender: 'keep',
      birth_date: 'year',
      zip: 'zip3',
      state: 'keep',
    });
    expect(view.dropped).toEqual([
      { name: 'family', why: 'it may hold names (A)' },
      { name: 'given', why: 'it may hold names (A)' },
    ]);
    expect(view.conditions).toEqual([
      { expression: "name.where(use = 'official').first()", why: 'it chooses rows by names (A)' },
    ]);
  });

  it('shifts dates where the policy says so', () => {
    const view = deidentifyView(
      [
        { name: 'born', type: 'date' },
        { name: 'seen', type: 'dateTime', collection: true },
      ],
      {
        select: [
          {
            column: [
              { name: 'born', path: 'birthDate' },
              { name: 'seen', path: 'period.start' },
            ],
          },
        ],
      },
      { ...POLICY, dates: 'shift' },
    );
    expect(view.shown.map(({ name, treatment, collection }) => [name, treatment, collection])).toEqual([
      ['born', 'shift', false],
      ['seen', 'shift', true],
    ]);
  });

  it('names a condition of the whole view that tells what may not be shown', () => {
    const where = [{ path: "name.family = 'Smith'" }, { path: 'active' }, { path: "getResourceKey() = 'x'" }];
    const { conditions } = deidentifyView([], { where, select: [] }, POLICY);
    expect(conditions.map(({ expression }) => expression)).toEqual(["name.family = 'Smith'", "getResourceKey() = 'x'"]);
  });

  it('drops a column that is two things in the parts of a union, and one that is in none', () => {
    const parts = [[{ name: 'x', path: 'birthDate' }], [{ name: 'x', path: 'address.postalCode' }]];
    const union = { select: [{ unionAll: parts.map((column) => ({ column })) }] };
    expect(
      deidentifyView(
        [
          { name: 'x', type: 'string' },
          { name: 'y', type: 'code' },
        ],
        union,
        POLICY,
      ).dropped,
    ).toHaveLength(2);
    const same = {
      select: [
        {
          unionAll: [[{ name: 'x', path: 'issued' }], [{ name: 'x', path: 'recorded' }]].map((column) => ({ column })),
        },
      ],
    };
    expect(treatments(deidentifyView([{ name: 'x', type: 'dateTime' }], same, POLICY))).toEqual({ x: 'year' });
  });

  it.each([
    ['family', 'keep', undefined, 'keep'],
    ['family', 'date', undefined, 'year'],
    ['gender', 'drop', undefined, undefined],
    ['gender', 'no such tag', undefined, undefined],
    ['zip', 'date', 'zip3', 'year'],
    ['zip', 'keep', 'zip3', 'keep'],
    ['birth_date', 'keep', 'year', 'keep'],
    ['state', 'zip', 'zip3', 'zip3'],
    ['id', 'birth-date', 'key', 'year'],
  ])('%s with the tag "%s": %s where nobody trusted says it, else %s', (name, value, untrusted, trusted) => {
    const columns = COLUMNS.map((column) =>
      column.name === name ? { ...column, tags: [{ name: TAG, value }] } : column,
    );
    expect(treatments(deidentifyView(columns, PATIENTS, POLICY))[name]).toBe(untrusted);
    expect(treatments(deidentifyView(columns, PATIENTS, { ...POLICY, trustTags: true }))[name]).toBe(trusted);
  });

  it('shows texts of codes only where the policy keeps them', () => {
    const definition = { select: [{ column: [{ name: 'label', path: 'code.coding.display' }] }] };
    const columns = [{ name: 'label', type: 'string' }];
    expect(deidentifyView(columns, definition, POLICY).dropped).toEqual([
      { name: 'label', why: expect.stringContaining('use the code') },
    ]);
    expect(treatments(deidentifyView(columns, definition, { ...POLICY, displays: 'keep' }))).toEqual({ label: 'keep' });
  });

  it('takes a definition that is none for one without columns', () => {
    expect(deidentifyView([{ name: 'x', type: 'code' }], undefined, POLICY).dropped).toHaveLength(1);
  });
});

function treatments({ shown }: DeidentifiedView): Record<string, string> {
  return Object.fromEntries(shown.map(({ name, treatment }) => [name, treatment]));
}
