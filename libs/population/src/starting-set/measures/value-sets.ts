import { type ValueSet } from '../../measure/resources.js';
import { CONDITION_VALUE_SETS } from './condition-value-sets.js';
import { CIEL, CVX, ICD_10_CM, LOINC, SNOMED, valueSet } from './value-set.js';

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
    [ICD_10_CM]: [
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
  valueSet('hemoglobin-a1c', 'HemoglobinA1c', 'Hemoglobin A1c', {
    [LOINC]: [
      ['4548-4', 'Hemoglobin A1c/Hemoglobin.total in Blood'],
      ['4549-2', 'Hemoglobin A1c/Hemoglobin.total in Blood by Electrophoresis'],
      ['17856-6', 'Hemoglobin A1c/Hemoglobin.total in Blood by HPLC'],
      ['59261-8', 'Hemoglobin A1c/Hemoglobin.total in Blood by IFCC protocol'],
    ],
  }),
  valueSet('mmr-vaccines', 'MmrVaccines', 'Vaccines against measles, mumps and rubella', {
    [CVX]: [
      ['03', 'MMR'],
      ['94', 'MMRV'],
    ],
  }),
  ...CONDITION_VALUE_SETS,
];
