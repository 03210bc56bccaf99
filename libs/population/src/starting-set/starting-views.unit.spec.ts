import { parseLossless } from '@chartledger/fhir';
import { sharedFolder } from '@chartledger/testing';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type Cell } from '../view/column-reader.js';
import { checkViewDefinition } from '../view/check-view.js';
import { compileView } from '../view/compile-view.js';
import { STARTING_VIEWS } from './starting-views.js';

type Row = Record<string, Cell>;

describe.each(STARTING_VIEWS)('the view $name', (view) => {
  it('may be kept, goes by closures alone, and says the type of each column', () => {
    expect(checkViewDefinition(view)).toEqual([]);
    const { columns } = compileView(view, { engine: 'closures' });
    expect(columns.filter(({ type }) => type === undefined)).toEqual([]);
  });

  it('is called as its id', () => {
    expect(view.name).toBe(view.id.replaceAll('-', '_'));
  });
});

/** Patients of the data that are looked at; the organizations and practitioners are in files of their own. */
const PATIENT_FILES = 15;

const folder = sharedFolder();
const bundles = folder && join(folder, 'data/synthea-hiv');

interface Resource {
  resourceType: string;
  id: string;
  identifier?: { system: string; value: string }[];
}

/** The resources as a server keeps them: urn:uuid: and Practitioner?identifier=… name the records that they mean. */
function readResources(directory: string): Resource[] {
  const names = readdirSync(directory).filter((name) => name.endsWith('.json.gz'));
  const isShared = (name: string): boolean => /^(hospital|practitioner)/.test(name);
  const patients = names.filter((name) => !isShared(name)).slice(0, PATIENT_FILES);
  const records = new Map<string, string>();
  return [...names.filter(isShared), ...patients].flatMap((name) => {
    const text = gunzipSync(readFileSync(join(directory, name))).toString('utf8');
    for (const { fullUrl, resource } of entriesOf(JSON.parse(text))) {
      const record = `${resource.resourceType}/${resource.id}`;
      records.set(fullUrl, record);
      for (const { system, value } of resource.identifier ?? [])
        records.set(`${resource.resourceType}?identifier=${system}|${value}`, record);
    }
    const resolved = text.replace(/(?<="reference": ?")[^"]+/g, (reference) => records.get(reference) ?? reference);
    return entriesOf(parseLossless(resolved)).map(({ resource }) => resource);
  });
}

function entriesOf(bundle: unknown): { fullUrl: string; resource: Resource }[] {
  return (bundle as { entry: { fullUrl: string; resource: Resource }[] }).entry;
}

/** The view that a column's keys are the ids of. */
const REFERENCES: Readonly<Record<string, string>> = {
  patient_id: 'patient',
  encounter_id: 'encounter',
  practitioner_id: 'practitioner',
  requester_id: 'practitioner',
  organization_id: 'organization',
  provider_id: 'organization',
  claim_id: 'claim',
  reason_condition_id: 'condition',
};

/** What each of Synthea's records has, by view. */
const FILLED: Readonly<Record<string, readonly string[]>> = {
  patient: ['gender', 'birth_date', 'family', 'given', 'race', 'ethnicity', 'birth_sex', 'city', 'state', 'country'],
  encounter: [
    'patient_id',
    'status',
    'class',
    'type',
    'type_text',
    'start_at',
    'end_at',
    'organization_id',
    'practitioner_id',
  ],
  condition: ['patient_id', 'encounter_id', 'code', 'code_text', 'clinical_status', 'verification_status', 'onset_at'],
  observation: ['patient_id', 'encounter_id', 'status', 'category', 'effective_at', 'code_system', 'code', 'code_text'],
  medication_request: [
    'patient_id',
    'encounter_id',
    'status',
    'intent',
    'medication',
    'medication_text',
    'authored_at',
    'requester_id',
  ],
  immunization: ['patient_id', 'encounter_id', 'status', 'vaccine_system', 'vaccine', 'vaccine_text', 'occurred_at'],
  procedure: [
    'patient_id',
    'encounter_id',
    'status',
    'code',
    'code_text',
    'performed_at',
    'performed_until',
    'reason_condition_id',
  ],
  claim: [
    'patient_id',
    'status',
    'use',
    'type',
    'created_at',
    'start_at',
    'end_at',
    'provider_id',
    'encounter_id',
    'items',
    'total',
    'currency',
  ],
  explanation_of_benefit: [
    'patient_id',
    'claim_id',
    'outcome',
    'start_at',
    'insurer',
    'encounter_id',
    'items',
    'submitted',
    'paid',
    'currency',
  ],
  practitioner: ['active', 'npi', 'family', 'given', 'gender', 'city', 'state'],
  organization: ['active', 'name', 'type', 'type_text', 'city', 'state', 'postal_code'],
};

(bundles === undefined ? describe.skip : describe)('the views of Synthea records', () => {
  const rows = new Map<string, Row[]>();
  const counts = new Map<string, number>();
  let withoutValue: string[] = [];

  const rowsOf = (name: string): Row[] => rows.get(name) ?? [];

  beforeAll(() => {
    const resources = readResources(bundles as string);
    for (const resource of resources) {
      const { resourceType } = resource;
      counts.set(resourceType, (counts.get(resourceType) ?? 0) + 1);
    }
    withoutValue = resources
      .filter((resource) => resource.resourceType === 'Observation' && !/"value[A-Z]/.test(JSON.stringify(resource)))
      .map(({ id }) => `synthea/Observation/${id}`);
    for (const definition of STARTING_VIEWS) {
      const view = compileView(definition);
      const made: Row[] = [];
      const keep = (row: readonly Cell[]): void =>
        void made.push(Object.fromEntries(view.columns.map(({ name }, index) => [name, row[index] ?? null])));
      for (const resource of resources) view.rows(resource, keep, 'synthea');
      rows.set(view.name ?? '', made);
    }
  });

  it.each(Object.keys(FILLED))('%s has a row for each record, each with its own id', (name) => {
    const { resource } = STARTING_VIEWS.find((view) => view.name === name) as { resource: string };
    const made = rowsOf(name).filter(({ is_component: isComponent }) => isComponent !== true);
    expect(made).toHaveLength(counts.get(resource) ?? 0);
    expect(new Set(made.map(({ id }) => id)).size).toBe(made.length);
    expect(made.length).toBeGreaterThan(0);
  });

  it.each(Object.entries(FILLED))('%s fills what each record says', (name, columns) => {
    const empty = columns.filter((column) => rowsOf(name).some((row) => (row[column] ?? null) === null));
    expect(empty).toEqual([]);
  });

  it.each(Object.keys(FILLED))('the keys of %s are ids of the views that they name', (name) => {
    for (const [column, of] of Object.entries(REFERENCES)) {
      const ids = new Set(rowsOf(of).map(({ id }) => id));
      const dangling = rowsOf(name).filter((row) => (row[column] ?? null) !== null && !ids.has(row[column] as string));
      expect([column, dangling.length]).toEqual([column, 0]);
    }
  });

  it('an observation has its value as what it was', () => {
    const rows = rowsOf('observation');
    expect(rows.some(({ value, unit }) => typeof value === 'number' && typeof unit === 'string')).toBe(true);
    expect(rows.some(({ value_code: code, value_text: text }) => code !== null && text !== null)).toBe(true);
    const valueless = rows.filter((row) =>
      ['value', 'value_text', 'value_boolean', 'value_at'].every((column) => row[column] === null),
    );
    expect(valueless.map(({ id }) => id)).toEqual(withoutValue);
  });
});

describe('views of what Synthea does not write', () => {
  const rowsOf = (name: string, resource: unknown): Row[] => {
    const view = compileView(STARTING_VIEWS.find((candidate) => candidate.name === name));
    const made: Row[] = [];
    view.rows(
      resource,
      (row) => made.push(Object.fromEntries(view.columns.map((column, index) => [column.name, row[index] ?? null]))),
      'st-mary',
    );
    return made;
  };

  it('a person is linked to records of any source', () => {
    const link = [
      { target: { reference: 'st-mary/Patient/1' }, assurance: 'level3' },
      { target: { reference: 'lab/Patient/p-7' }, assurance: 'level2' },
    ];
    expect(rowsOf('person_link', { resourceType: 'Person', id: 'x', active: true, link })).toEqual([
      { person_id: 'st-mary/Person/x', active: true, patient_id: 'st-mary/Patient/1', assurance: 'level3' },
      { person_id: 'st-mary/Person/x', active: true, patient_id: 'lab/Patient/p-7', assurance: 'level2' },
    ]);
  });

  it('the components of a blood pressure are rows of their own', () => {
    const component = [
      { code: { coding: [{ code: '8480-6' }] }, valueQuantity: { value: 120, code: 'mm[Hg]' } },
      { code: { coding: [{ code: '8462-4' }] }, valueQuantity: { value: 80, unit: 'mmHg' } },
    ];
    const panel = {
      resourceType: 'Observation',
      id: 'bp',
      status: 'final',
      code: { coding: [{ code: '85354-9' }] },
      component,
    };
    const rows = rowsOf('observation', panel).map((row) => [
      row.is_component,
      row.component_index,
      row.code,
      row.value,
      row.unit,
    ]);
    expect(rows).toEqual([
      [false, 0, '85354-9', null, null],
      [true, 0, '8480-6', 120, 'mm[Hg]'],
      [true, 1, '8462-4', 80, 'mmHg'],
    ]);
  });

  it.each([
    [{ deceasedBoolean: false }, false, null],
    [{ deceasedBoolean: true }, true, null],
    [{ deceasedDateTime: '2020-01' }, true, '2020-01'],
    [{}, null, null],
  ])('a patient with %j is dead: %s, since %s', (deceased, isDeceased, at) => {
    expect(rowsOf('patient', { resourceType: 'Patient', id: '1', ...deceased })).toMatchObject([
      { deceased: isDeceased, deceased_at: at },
    ]);
  });

  it('a coverage', () => {
    const coverage = {
      resourceType: 'Coverage',
      id: 'c',
      status: 'active',
      beneficiary: { reference: 'Patient/1' },
      payor: [{ reference: 'Organization/o' }],
      period: { start: '2020' },
    };
    expect(rowsOf('coverage', coverage)).toMatchObject([
      { patient_id: 'st-mary/Patient/1', payor_id: 'st-mary/Organization/o', start_at: '2020', end_at: null },
    ]);
  });
});
