import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Calculator } from 'fqm-execution';
import { sharedFolder } from '@chartledger/testing';
import { scanResource } from '@chartledger/fhir';
import { checkLibrary } from '../../measure/check-library.js';
import { checkMeasure } from '../../measure/check-measure.js';
import { checkPackage } from '../../measure/check-package.js';
import { SubjectEvaluator } from '../../measure/evaluate-subject.js';
import { getReportBuilder, RepeatingPatients, type Bundle } from '../../measure/fqm-vectors.fixture.js';
import { packageOfBundle, typesRead, type MeasurePackage } from '../../measure/measure-package.js';
import { componentsOf, isComposite, type Measure, type Resource } from '../../measure/resources.js';
import { type SubjectResult } from '../../measure/subject-result.js';
import { summarize, type Summary } from '../../measure/summary.js';
import { startingMeasures } from './index.js';

const ALL = startingMeasures();
const MEASURES = ALL.filter((one) => one.resourceType === 'Measure') as unknown as Measure[];
const PERIOD = { start: '2024-01-01T00:00:00.000Z', end: '2024-12-31T23:59:59.999Z' };

/** The Bundle of one measure with its components and libraries, as measures are published. */
const bundleOf = (measure: Measure): Bundle => {
  const components = componentsOf(measure).map(({ resource }) => resource!.split('|')[0]);
  const measures = MEASURES.filter(({ id, url }) => id === measure.id || components.includes(url!));
  const libraries = measures.flatMap(({ library }) => library ?? []).map((canonical) => canonical.split('|')[0]);
  const resources = ALL.filter(
    (one) =>
      one.resourceType === 'ValueSet' ||
      (one.resourceType === 'Library' && (one.id === 'FHIRHelpers' || libraries.includes(one['url'] as string))),
  );
  const entry = [...(measures as unknown as Resource[]), ...resources].map((resource) => ({ resource }));
  return { resourceType: 'Bundle', entry };
};
const packageOf = (id: string): MeasurePackage =>
  packageOfBundle(bundleOf(MEASURES.find((measure) => measure.id === id)!) as never);

describe.each(ALL.map((resource) => [`${resource.resourceType}/${resource.id}`, resource] as const))(
  '%s',
  (_, resource) => {
    it('is sound', () => {
      expect(scanResource(Buffer.from(JSON.stringify(resource)), { type: resource.resourceType }).findings).toEqual([]);
      if (resource.resourceType === 'Measure') {
        expect(checkMeasure(resource)).toEqual([]);
        expect(checkPackage(packageOf(resource.id!))).toEqual([]);
      }
      if (resource.resourceType === 'Library') expect(checkLibrary(resource)).toEqual([]);
    });
  },
);

const patient = (birthDate: string): Resource => ({ resourceType: 'Patient', id: 'p', gender: 'female', birthDate });
const coded = (system: string, code: string): object => ({ coding: [{ system, code }] });
let count = 0;
const encounter = (code: string, start: string, end = start): Resource => ({
  resourceType: 'Encounter',
  id: `e${++count}`,
  status: 'finished',
  class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code },
  subject: { reference: 'Patient/p' },
  period: { start: `${start}T08:00:00Z`, end: `${end}T10:00:00Z` },
});
const immunization = (code: string, date: string, status = 'completed'): Resource => ({
  resourceType: 'Immunization',
  id: `i${++count}`,
  status,
  vaccineCode: coded('http://hl7.org/fhir/sid/cvx', code),
  patient: { reference: 'Patient/p' },
  occurrenceDateTime: date,
});
const observation = (system: string, code: string, date: string): Resource => ({
  resourceType: 'Observation',
  id: `o${++count}`,
  status: 'final',
  code: coded(system, code),
  subject: { reference: 'Patient/p' },
  effectiveDateTime: date,
});
const LOINC = 'http://loinc.org';
const condition = (system: string, code: string, more: object = {}): Resource => ({
  resourceType: 'Condition',
  id: `c${++count}`,
  code: {
    coding: [
      { system: 'http://example.org', code: 'local' },
      { system, code },
    ],
  },
  subject: { reference: 'Patient/p' },
  ...more,
});
const SNOMED = 'http://snomed.info/sct';
const ICD_10 = 'http://hl7.org/fhir/sid/icd-10-cm';
const status = (code: string): object => ({ coding: [{ code }] });
const OLD = { onsetDateTime: '2010-05-05' };

/** What one patient adds to each population, and to the score. */
const CASES: [measure: string, what: string, records: Resource[], populations: number[], score?: number][] = [
  [
    'influenza-immunization',
    'vaccinated',
    [patient('1980-05-05'), encounter('AMB', '2024-02-01'), immunization('140', '2024-10-01')],
    [1, 1, 1],
    1,
  ],
  [
    'influenza-immunization',
    'vaccinated the year before',
    [patient('1980-05-05'), encounter('AMB', '2024-02-01'), immunization('140', '2023-10-01')],
    [1, 1, 0],
    0,
  ],
  [
    'influenza-immunization',
    'vaccination not done',
    [patient('1980-05-05'), encounter('AMB', '2024-02-01'), immunization('140', '2024-10-01', 'not-done')],
    [1, 1, 0],
    0,
  ],
  [
    'influenza-immunization',
    'another vaccine',
    [patient('1980-05-05'), encounter('AMB', '2024-02-01'), immunization('113', '2024-10-01')],
    [1, 1, 0],
    0,
  ],
  ['influenza-immunization', 'not seen', [patient('1980-05-05'), immunization('140', '2024-10-01')], [0, 0, 0]],
  [
    'influenza-immunization',
    'a child',
    [patient('2010-05-05'), encounter('AMB', '2024-02-01'), immunization('140', '2024-10-01')],
    [0, 0, 0],
  ],
  [
    'blood-pressure-recorded',
    'recorded',
    [patient('1980-05-05'), encounter('AMB', '2024-02-01'), observation(LOINC, '85354-9', '2024-02-01T08:30:00Z')],
    [1, 1, 1],
    1,
  ],
  [
    'blood-pressure-recorded',
    'only an inpatient stay',
    [patient('1980-05-05'), encounter('IMP', '2024-02-01'), observation(LOINC, '85354-9', '2024-02-01T08:30:00Z')],
    [0, 0, 0],
  ],
  [
    'hiv-viral-load',
    'treated and tested',
    [
      patient('1980-05-05'),
      observation(LOINC, '1088'.padEnd(36, 'A'), '2020-01-01'),
      observation(LOINC, '20447-9', '2024-06-01'),
    ],
    [1, 1, 1],
    1,
  ],
  [
    'hiv-viral-load',
    'diagnosed by code, not tested',
    [
      patient('1980-05-05'),
      {
        resourceType: 'Condition',
        id: 'c',
        code: coded('http://hl7.org/fhir/sid/icd-10-cm', 'B20'),
        subject: { reference: 'Patient/p' },
      },
    ],
    [1, 1, 0],
    0,
  ],
  [
    'hiv-viral-load',
    'died before',
    [
      { ...patient('1980-05-05'), deceasedDateTime: '2023-05-05T00:00:00Z' },
      observation(LOINC, '1088'.padEnd(36, 'A'), '2020-01-01'),
    ],
    [0, 0, 0],
  ],
  [
    'hiv-registry',
    'one of them',
    [patient('1980-05-05'), observation(LOINC, '1250'.padEnd(36, 'A'), '2020-01-01')],
    [1],
    1,
  ],
  ['diabetes-registry', 'by SNOMED CT', [patient('1980-05-05'), condition(SNOMED, '44054006')], [1], 1],
  ['diabetes-registry', 'by ICD-10-CM', [patient('1980-05-05'), condition(ICD_10, 'E11.65', OLD)], [1], 1],
  [
    'diabetes-registry',
    'confirmed',
    [patient('1980-05-05'), condition(ICD_10, 'E11.9', { verificationStatus: status('confirmed') })],
    [1],
    1,
  ],
  [
    'diabetes-registry',
    'entered in error',
    [patient('1980-05-05'), condition(SNOMED, '44054006', { verificationStatus: status('entered-in-error') })],
    [0],
    0,
  ],
  [
    'diabetes-registry',
    'over, nobody knows since when',
    [patient('1980-05-05'), condition(SNOMED, '44054006', { clinicalStatus: status('resolved') })],
    [0],
    0,
  ],
  [
    'diabetes-registry',
    'over before the period',
    [patient('1980-05-05'), condition(SNOMED, '44054006', { ...OLD, abatementDateTime: '2023-12-31' })],
    [0],
    0,
  ],
  [
    'diabetes-registry',
    'over in the period',
    [
      patient('1980-05-05'),
      condition(SNOMED, '44054006', { ...OLD, clinicalStatus: status('resolved'), abatementDateTime: '2024-03-01' }),
    ],
    [1],
    1,
  ],
  [
    'diabetes-registry',
    'later',
    [patient('1980-05-05'), condition(SNOMED, '44054006', { onsetDateTime: '2025-01-01' })],
    [0],
    0,
  ],
  [
    'diabetes-registry',
    'died before',
    [{ ...patient('1980-05-05'), deceasedDateTime: '2023-05-05T00:00:00Z' }, condition(SNOMED, '44054006', OLD)],
    [0],
    0,
  ],
  ['hypertension-registry', 'one of them', [patient('1980-05-05'), condition(ICD_10, 'I10')], [1], 1],
  ['hypertension-registry', 'of diabetes', [patient('1980-05-05'), condition(ICD_10, 'E11.9')], [0], 0],
  [
    'diabetes-hba1c',
    'measured',
    [patient('1980-05-05'), condition(SNOMED, '44054006', OLD), observation(LOINC, '4548-4', '2024-06-01')],
    [1, 1, 1],
    1,
  ],
  [
    'diabetes-hba1c',
    'measured the year before',
    [patient('1980-05-05'), condition(SNOMED, '44054006', OLD), observation(LOINC, '4548-4', '2023-12-31')],
    [1, 1, 0],
    0,
  ],
  [
    'diabetes-hba1c',
    'measured without diabetes',
    [patient('1980-05-05'), observation(LOINC, '4548-4', '2024-06-01')],
    [0, 0, 0],
  ],
  [
    'mmr-immunization',
    'two doses',
    [patient('2015-05-05'), immunization('03', '2016-05-05'), immunization('94', '2020-05-05')],
    [1, 1, 1],
    1,
  ],
  [
    'mmr-immunization',
    'one dose that two sources recorded',
    [patient('2015-05-05'), immunization('03', '2016-05-05'), immunization('03', '2016-05-05T10:00:00Z')],
    [1, 1, 0],
    0,
  ],
  [
    'mmr-immunization',
    'six years old at the end',
    [patient('2018-12-31'), immunization('03', '2020-05-05')],
    [1, 1, 0],
    0,
  ],
  ['mmr-immunization', 'five years old', [patient('2019-01-01')], [0, 0, 0]],
  ['mmr-immunization', 'of age', [patient('2006-12-31')], [0, 0, 0]],
  [
    'follow-up-after-inpatient',
    'two stays, one followed',
    [
      patient('1950-05-05'),
      encounter('IMP', '2024-01-10', '2024-01-12'),
      encounter('IMP', '2024-06-01', '2024-06-05'),
      encounter('AMB', '2024-06-20'),
    ],
    [2, 2, 1],
    0.5,
  ],
  [
    'follow-up-after-inpatient',
    'followed too late',
    [patient('1950-05-05'), encounter('IMP', '2024-01-10', '2024-01-12'), encounter('AMB', '2024-02-20')],
    [1, 1, 0],
    0,
  ],
  [
    'readmission-30-days',
    'of three stays one is followed by another',
    [
      patient('1950-05-05'),
      encounter('IMP', '2024-01-10', '2024-01-12'),
      encounter('IMP', '2024-01-20', '2024-01-25'),
      encounter('IMP', '2024-06-01', '2024-06-05'),
    ],
    [3, 3, 1],
    1 / 3,
  ],
  [
    'length-of-stay',
    'two and four days',
    [patient('1950-05-05'), encounter('IMP', '2024-01-10', '2024-01-12'), encounter('IMP', '2024-06-01', '2024-06-05')],
    [2, 2, 2],
    3,
  ],
  [
    'adult-prevention',
    'both',
    [
      patient('1980-05-05'),
      encounter('AMB', '2024-02-01'),
      immunization('140', '2024-10-01'),
      observation(LOINC, '85354-9', '2024-02-01T08:30:00Z'),
    ],
    [1, 1],
    1,
  ],
  [
    'adult-prevention',
    'one of two',
    [patient('1980-05-05'), encounter('AMB', '2024-02-01'), immunization('140', '2024-10-01')],
    [1, 0],
    0,
  ],
];

describe('a patient', () => {
  it.each(CASES)('%s: %s', async (id, _what, records, populations, ...[score]) => {
    const measurePackage = packageOf(id);
    const { result } = await new SubjectEvaluator(measurePackage, PERIOD).evaluate(records);
    const [group] = summarize(measurePackage, [result]).groups;
    const counts = 'counts' in group ? group.counts : group;
    expect(counts.populations).toEqual(populations);
    expect(counts.score).toEqual(score);
  });

  it('is in a stratum, and gives what is asked beside', async () => {
    const measurePackage = packageOf('influenza-immunization');
    const evaluator = new SubjectEvaluator(measurePackage, PERIOD);
    const old = await evaluator.evaluate([patient('1950-05-05'), encounter('AMB', '2024-02-01')]);
    const young = await evaluator.evaluate([patient('1980-05-05'), encounter('AMB', '2024-02-01')]);
    expect(old.supplemental).toEqual([{ name: 'Sex', text: 'female' }]);
    expect(summarize(measurePackage, [old.result, young.result]).groups).toMatchObject([
      { populations: [2, 2, 0], strata: [{ populations: [1, 1, 0] }] },
    ]);
  });

  it('is read by no more than the types that the logic retrieves', () => {
    expect(typesRead(packageOf('influenza-immunization'))).toContain('Immunization');
    expect(typesRead(packageOf('length-of-stay'))).toEqual(['Encounter', 'Patient']);
  });
});

const folder = sharedFolder();
const synthea = folder && join(folder, 'data/synthea-hiv');

/** Enough of them to meet every population: the logic takes some 50 ms for each, who have 500 records. */
const SAMPLE = 5;

(synthea ? describe : describe.skip)('over Synthea patients the sum is as fqm-execution aggregates it', () => {
  const YEAR = { start: '2014-01-01T00:00:00.000Z', end: '2014-12-31T23:59:59.999Z' };
  const read = (): Bundle[] =>
    readdirSync(synthea!)
      .filter((name) => name.endsWith('.json.gz'))
      .slice(0, SAMPLE + 2)
      .map((name) => JSON.parse(gunzipSync(readFileSync(join(synthea!, name))).toString()) as Bundle)
      .filter(({ entry }) => entry.some(({ resource }) => resource.resourceType === 'Patient'))
      .slice(0, SAMPLE);
  let all: Bundle[];
  beforeAll(() => {
    all = read();
  });

  // Of each kind that fqm-execution aggregates: no ratio without observations, and no continuous variable.
  const measures = ['influenza-immunization', 'hiv-registry', 'follow-up-after-inpatient', 'adult-prevention'];
  const counts = ({ groups }: Summary): number[][] =>
    groups.map((group) => ('counts' in group ? group.counts : group).populations);

  it.each(measures)('%s', async (id) => {
    const measurePackage = packageOf(id);
    const types = new Set(typesRead(measurePackage));
    const patients = all.map(({ entry }): Bundle => ({
      resourceType: 'Bundle',
      entry: entry.filter(({ resource }) => types.has(resource.resourceType)).map(({ resource }) => ({ resource })),
    }));
    const evaluator = new SubjectEvaluator(measurePackage, YEAR);
    const results: SubjectResult[] = [];
    for (const { entry } of patients)
      results.push((await evaluator.evaluate(entry.map(({ resource }) => resource))).result);
    const bundle = structuredClone(bundleOf(measurePackage.measure));
    // fqm-execution finds no library by a canonical URL with a version.
    for (const { resource } of bundle.entry) {
      const { library } = resource as unknown as Measure;
      if (library) resource['library'] = [library[0].split('|')[0]];
    }
    const options = {
      measurementPeriodStart: YEAR.start,
      measurementPeriodEnd: YEAR.end,
      calculateHTML: false,
      calculateClauseCoverage: false,
      reportType: 'summary',
      patientSource: new RepeatingPatients(patients),
    } as never;
    const { results: theirs } = await Calculator.calculate(structuredClone(bundle) as never, [], options);
    const builder = getReportBuilder(bundle, options);
    builder.addAllResults(theirs);
    const { group } = builder.getReport();
    const summary = summarize(measurePackage, results);
    expect(counts(summary)).toEqual(group.map(({ population }) => population.map(({ count: number }) => number)));
    // A sum of nobody would show nothing.
    if (!isComposite(measurePackage.measure)) expect(counts(summary)[0][0]).toBeGreaterThan(0);
  });
});
