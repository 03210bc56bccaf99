import {
  type Extension,
  type Measure,
  type MeasurePopulation,
  type MeasureStratifier,
} from '../../measure/resources.js';
import { BASE, VERSION } from '../canonical.js';
import { libraryUrl } from './libraries.js';

const CQFM = 'http://hl7.org/fhir/us/cqfmeasures/StructureDefinition';
const TERMINOLOGY = 'http://terminology.hl7.org/CodeSystem';

interface Words {
  id: string;
  title: string;
  description: string;
  improvement?: 'increase' | 'decrease';
}

function concept(system: string, code: string): { coding: { system: string; code: string }[] } {
  return { coding: [{ system: `${TERMINOLOGY}/${system}`, code }] };
}

function population(type: string, expression: string, extension?: Extension[]): MeasurePopulation {
  return {
    id: type,
    ...(extension ? { extension } : {}),
    code: concept('measure-population', type),
    criteria: { language: 'text/cql-identifier', expression },
  };
}

function stratifier(id: string, text: string, expression: string): MeasureStratifier {
  return { id, code: { text }, criteria: { language: 'text/cql-identifier', expression } };
}

function measure(
  { id, title, description, improvement }: Words,
  scoring: string,
  library: string,
  populations: MeasurePopulation[],
  more: { basis?: string; stratifiers?: MeasureStratifier[]; supplementalData?: Measure['supplementalData'] } = {},
): Measure & Record<string, unknown> {
  return {
    ...frame(id, title, description, improvement),
    scoring: concept('measure-scoring', scoring),
    library: [`${libraryUrl(library)}|${VERSION}`],
    group: [
      {
        id: 'group-1',
        extension: [{ url: `${CQFM}/cqfm-populationBasis`, valueCode: more.basis ?? 'boolean' }],
        population: populations,
        ...(more.stratifiers ? { stratifier: more.stratifiers } : {}),
      },
    ],
    ...(more.supplementalData ? { supplementalData: more.supplementalData } : {}),
  };
}

function frame(
  id: string,
  title: string,
  description: string,
  improvement?: string,
): Measure & Record<string, unknown> {
  return {
    resourceType: 'Measure',
    id,
    url: `${BASE}/Measure/${id}`,
    version: VERSION,
    name: id
      .split('-')
      .map((word) => word[0].toUpperCase() + word.slice(1))
      .join(''),
    title,
    status: 'active',
    description,
    ...(improvement ? { improvementNotation: concept('measure-improvement-notation', improvement) } : {}),
  };
}

const PROPORTION = [
  population('initial-population', 'Initial Population'),
  population('denominator', 'Denominator'),
  population('numerator', 'Numerator'),
];

export const MEASURES: readonly (Measure & Record<string, unknown>)[] = [
  measure(
    {
      id: 'influenza-immunization',
      title: 'Influenza immunization of adults',
      description: 'Adults who were seen in the period and had an influenza vaccination in it.',
      improvement: 'increase',
    },
    'proportion',
    'InfluenzaImmunization',
    PROPORTION,
    {
      stratifiers: [stratifier('aged-65-or-older', 'Aged 65 or older', 'Aged 65 or Older')],
      supplementalData: [
        {
          id: 'sex',
          code: { text: 'Sex' },
          usage: [concept('measure-data-usage', 'supplemental-data')],
          criteria: { language: 'text/cql-identifier', expression: 'Sex' },
        },
      ],
    },
  ),
  measure(
    {
      id: 'blood-pressure-recorded',
      title: 'Blood pressure recorded',
      description: 'Adults with an ambulatory visit in the period whose blood pressure was recorded in it.',
      improvement: 'increase',
    },
    'proportion',
    'BloodPressureRecorded',
    PROPORTION,
  ),
  measure(
    {
      id: 'hiv-viral-load',
      title: 'HIV viral load test',
      description: 'People with HIV, or on antiretroviral treatment, who had a viral load test in the period.',
      improvement: 'increase',
    },
    'proportion',
    'HivViralLoad',
    PROPORTION,
  ),
  measure(
    {
      id: 'hiv-registry',
      title: 'People with HIV',
      description: 'People with HIV, or on antiretroviral treatment, who were alive when the period began.',
    },
    'cohort',
    'HivViralLoad',
    [population('initial-population', 'Initial Population')],
  ),
  measure(
    {
      id: 'follow-up-after-inpatient',
      title: 'Follow-up within 30 days of discharge',
      description: 'Discharges in the period that an ambulatory visit followed within 30 days.',
      improvement: 'increase',
    },
    'proportion',
    'InpatientStays',
    [
      population('initial-population', 'Discharges'),
      population('denominator', 'Discharges'),
      population('numerator', 'Discharges with Follow-up'),
    ],
    {
      basis: 'Encounter',
      stratifiers: [stratifier('aged-65-or-older', 'Aged 65 or older', 'Discharges of Patients 65 or Older')],
    },
  ),
  measure(
    {
      id: 'readmission-30-days',
      title: 'Readmission within 30 days',
      description: 'Discharges in the period that another inpatient stay followed within 30 days, per discharge.',
      improvement: 'decrease',
    },
    'ratio',
    'InpatientStays',
    [
      population('initial-population', 'Discharges'),
      population('denominator', 'Discharges'),
      population('numerator', 'Discharges with Readmission'),
    ],
    { basis: 'Encounter' },
  ),
  measure(
    {
      id: 'length-of-stay',
      title: 'Average length of stay',
      description: 'Days from admission to discharge, averaged over the discharges in the period.',
      improvement: 'decrease',
    },
    'continuous-variable',
    'InpatientStays',
    [
      population('initial-population', 'Discharges'),
      population('measure-population', 'Discharges'),
      population('measure-observation', 'Days', [
        { url: `${CQFM}/cqfm-criteriaReference`, valueString: 'measure-population' },
        { url: `${CQFM}/cqfm-aggregateMethod`, valueCode: 'average' },
      ]),
    ],
    { basis: 'Encounter' },
  ),
  measure(
    {
      id: 'diabetes-registry',
      title: 'People with diabetes',
      description: 'People with diabetes in the period who were alive when it began.',
    },
    'cohort',
    'ChronicConditions',
    [population('initial-population', 'Has Diabetes')],
  ),
  measure(
    {
      id: 'hypertension-registry',
      title: 'People with hypertension',
      description: 'People with hypertension in the period who were alive when it began.',
    },
    'cohort',
    'ChronicConditions',
    [population('initial-population', 'Has Hypertension')],
  ),
  measure(
    {
      id: 'diabetes-hba1c',
      title: 'Hemoglobin A1c of people with diabetes',
      description: 'People with diabetes of whom a hemoglobin A1c was measured in the period.',
      improvement: 'increase',
    },
    'proportion',
    'ChronicConditions',
    [
      population('initial-population', 'Has Diabetes'),
      population('denominator', 'Has Diabetes'),
      population('numerator', 'Hemoglobin A1c in Period'),
    ],
  ),
  measure(
    {
      id: 'mmr-immunization',
      title: 'Measles, mumps and rubella immunization of children',
      description: 'Children of 6 to 17 years at the end of the period who had two doses on different days.',
      improvement: 'increase',
    },
    'proportion',
    'MmrImmunization',
    PROPORTION,
  ),
  {
    ...frame(
      'adult-prevention',
      'Adult prevention',
      'Adults who had all that is due to them of: an influenza vaccination, and a blood pressure reading.',
      'increase',
    ),
    scoring: concept('measure-scoring', 'composite'),
    compositeScoring: concept('composite-measure-scoring', 'all-or-nothing'),
    relatedArtifact: ['influenza-immunization', 'blood-pressure-recorded'].map((id) => ({
      type: 'composed-of',
      resource: `${BASE}/Measure/${id}|${VERSION}`,
    })),
  },
];
