import { type Coding, type ValueSet } from '../../measure/resources.js';

/** Where the canonical URLs of the starting set begin. */
export const BASE = 'https://chartledger.dev/fhir';
export const VERSION = '1.0.0';

const LOINC = 'http://loinc.org';
const SNOMED = 'http://snomed.info/sct';
const CVX = 'http://hl7.org/fhir/sid/cvx';
const ICD_10 = 'http://hl7.org/fhir/sid/icd-10-cm';
const CIEL = 'https://cielterminology.org';

const COPYRIGHT: Readonly<Record<string, string>> = {
  [LOINC]:
    'This material contains content from LOINC (http://loinc.org). LOINC is copyright © Regenstrief Institute, Inc. and the LOINC Committee and is available at no cost under the license at http://loinc.org/license.',
  [SNOMED]:
    'This material names codes of SNOMED CT, copyright © SNOMED International, which may be used in member countries and under an affiliate licence: https://www.snomed.org/get-snomed.',
  [CVX]: 'CVX codes are made by the US Centers for Disease Control and Prevention and are in the public domain.',
  [ICD_10]: 'ICD-10-CM is made by the US National Center for Health Statistics and is in the public domain.',
  [CIEL]: 'CIEL concepts are copyright © CIEL and licensed under CC BY 4.0.',
};

type Codes = Readonly<Record<string, readonly (readonly [code: string, display: string])[]>>;

/** A value set as a list of codes: small, our own, and to be replaced by whoever has a better one under the same URL. */
function valueSet(id: string, name: string, title: string, codes: Codes): ValueSet & Record<string, unknown> {
  const systems = Object.keys(codes);
  return {
    resourceType: 'ValueSet',
    id,
    url: `${BASE}/ValueSet/${id}`,
    version: VERSION,
    name,
    title,
    status: 'active',
    copyright: [...new Set(systems.map((system) => COPYRIGHT[system]))].join(' '),
    compose: {
      include: systems.map((system) => ({
        system,
        concept: codes[system].map(([code, display]): Coding => ({ code, display })),
      })),
    },
  };
}

/** Concepts of CIEL as they came from a world of OpenMRS: padded to 36 characters, and under LOINC's name in Synthea's HIV module. */
const ciel = (number: string): string => number.padEnd(36, 'A');
const viralLoad = [[ciel('856'), 'HIV viral load']] as const;
const treatment = [
  [ciel('1088'), 'Current antiretroviral drugs used for treatment'],
  [ciel('1250'), 'Antiretrovirals started'],
] as const;

export const VALUE_SETS: readonly (ValueSet & Record<string, unknown>)[] = [
  valueSet('influenza-vaccines', 'InfluenzaVaccines', 'Influenza vaccines', {
    [CVX]: [
      ['135', 'Influenza, high dose seasonal, preservative-free'],
      ['140', 'Influenza, seasonal, injectable, preservative free'],
      ['141', 'Influenza, seasonal, injectable'],
      ['144', 'Influenza, seasonal, intradermal, preservative free'],
      ['149', 'Influenza, live, intranasal, quadrivalent'],
      ['150', 'Influenza, injectable, quadrivalent, preservative free'],
      ['153', 'Influenza, injectable, MDCK, preservative free'],
      ['155', 'Influenza, recombinant, injectable, preservative free'],
      ['158', 'Influenza, injectable, quadrivalent'],
      ['161', 'Influenza, injectable, quadrivalent, preservative free, pediatric'],
      ['166', 'Influenza, intradermal, quadrivalent, preservative free'],
      ['168', 'Influenza, trivalent, adjuvanted'],
      ['171', 'Influenza, injectable, MDCK, preservative free, quadrivalent'],
      ['185', 'Influenza, recombinant, quadrivalent, injectable, preservative free'],
      ['186', 'Influenza, injectable, MDCK, quadrivalent'],
      ['197', 'Influenza, high-dose, quadrivalent'],
      ['205', 'Influenza, quadrivalent, adjuvanted'],
    ],
  }),
  valueSet('blood-pressure', 'BloodPressure', 'Blood pressure', {
    [LOINC]: [
      ['85354-9', 'Blood pressure panel with all children optional'],
      ['55284-4', 'Blood pressure systolic and diastolic'],
      ['8480-6', 'Systolic blood pressure'],
    ],
  }),
  valueSet('hiv-infection', 'HivInfection', 'HIV infection', {
    [SNOMED]: [['86406008', 'Human immunodeficiency virus infection']],
    [ICD_10]: [
      ['B20', 'Human immunodeficiency virus [HIV] disease'],
      ['Z21', 'Asymptomatic human immunodeficiency virus [HIV] infection status'],
    ],
  }),
  valueSet('hiv-treatment', 'HivTreatment', 'Antiretroviral treatment', { [CIEL]: treatment, [LOINC]: treatment }),
  valueSet('hiv-viral-load', 'HivViralLoad', 'HIV viral load tests', {
    [LOINC]: [
      ['20447-9', 'HIV 1 RNA [#/volume] (viral load) in Serum or Plasma by NAA with probe detection'],
      ['25836-8', 'HIV 1 RNA [#/volume] (viral load) in Specimen by NAA with probe detection'],
      ['29541-0', 'HIV 1 RNA [Log #/volume] (viral load) in Serum or Plasma by NAA with probe detection'],
      [
        '70241-5',
        'HIV 1 RNA [#/volume] (viral load) in Plasma by Probe and target amplification method detection limit = 20 copies/mL',
      ],
      ...viralLoad,
    ],
    [CIEL]: viralLoad,
  }),
];
