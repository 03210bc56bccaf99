import { type ChronicKey, type Code } from './conditions.data.js';

export type Range = readonly [low: number, high: number];

/** A laboratory test: LOINC code, UCUM unit, and what is seen. Values are written with `places` decimals. */
export interface LabTest extends Code {
  readonly unit: string;
  readonly places: number;
  /** The reference range that the laboratory prints. */
  readonly normal: Range;
  /** The range seen in patients who have the condition named, instead of about the normal one. */
  readonly under?: { readonly condition: ChronicKey; readonly range: Range };
}

export interface LabPanel extends Code {
  readonly tests: readonly LabTest[];
}

function test(
  code: string,
  display: string,
  unit: string,
  places: number,
  normal: Range,
  condition?: ChronicKey,
  range?: Range,
): LabTest {
  const known = { code, display, unit, places, normal };
  return condition !== undefined && range !== undefined ? { ...known, under: { condition, range } } : known;
}

const CREATININE = test(
  '2160-0',
  'Creatinine [Mass/volume] in Serum or Plasma',
  'mg/dL',
  2,
  [0.6, 1.3],
  'kidney',
  [1.4, 2.8],
);

// prettier-ignore
export const LAB_PANELS: readonly LabPanel[] = [
  {
    code: '51990-0', display: 'Basic metabolic panel - Blood', tests: [
      test('2339-0', 'Glucose [Mass/volume] in Blood', 'mg/dL', 0, [70, 99], 'diabetes', [118, 260]),
      test('3094-0', 'Urea nitrogen [Mass/volume] in Serum or Plasma', 'mg/dL', 0, [7, 20], 'kidney', [24, 60]),
      CREATININE,
      test('2951-2', 'Sodium [Moles/volume] in Serum or Plasma', 'mmol/L', 0, [136, 145]),
      test('2823-3', 'Potassium [Moles/volume] in Serum or Plasma', 'mmol/L', 1, [3.5, 5.1]),
      test('2075-0', 'Chloride [Moles/volume] in Serum or Plasma', 'mmol/L', 0, [98, 107]),
      test('17861-6', 'Calcium [Mass/volume] in Serum or Plasma', 'mg/dL', 1, [8.6, 10.2]),
    ],
  },
  {
    code: '58410-2', display: 'CBC panel - Blood by Automated count', tests: [
      test('6690-2', 'Leukocytes [#/volume] in Blood by Automated count', '10*3/uL', 1, [4.5, 11.0]),
      test('789-8', 'Erythrocytes [#/volume] in Blood by Automated count', '10*6/uL', 2, [4.2, 5.9], 'anemia', [2.9, 4.0]),
      test('718-7', 'Hemoglobin [Mass/volume] in Blood', 'g/dL', 1, [12.0, 17.0], 'anemia', [7.8, 11.4]),
      test('4544-3', 'Hematocrit [Volume Fraction] of Blood by Automated count', '%', 1, [36.0, 50.0], 'anemia', [24.0, 34.5]),
      test('777-3', 'Platelets [#/volume] in Blood by Automated count', '10*3/uL', 0, [150, 400]),
    ],
  },
  {
    code: '57698-3', display: 'Lipid panel with direct LDL - Serum or Plasma', tests: [
      test('2093-3', 'Cholesterol [Mass/volume] in Serum or Plasma', 'mg/dL', 0, [125, 199], 'hyperlipidemia', [205, 310]),
      test('2571-8', 'Triglyceride [Mass/volume] in Serum or Plasma', 'mg/dL', 0, [50, 149], 'hyperlipidemia', [155, 420]),
      test('2085-9', 'Cholesterol in HDL [Mass/volume] in Serum or Plasma', 'mg/dL', 0, [40, 80]),
      test('18262-6', 'Cholesterol in LDL [Mass/volume] in Serum or Plasma by Direct assay', 'mg/dL', 0, [60, 129], 'hyperlipidemia', [132, 220]),
    ],
  },
  {
    code: '24325-3', display: 'Hepatic function 2000 panel - Serum or Plasma', tests: [
      test('1742-6', 'Alanine aminotransferase [Enzymatic activity/volume] in Serum or Plasma', 'U/L', 0, [7, 55]),
      test('1920-8', 'Aspartate aminotransferase [Enzymatic activity/volume] in Serum or Plasma', 'U/L', 0, [8, 48]),
      test('6768-6', 'Alkaline phosphatase [Enzymatic activity/volume] in Serum or Plasma', 'U/L', 0, [40, 129]),
      test('1975-2', 'Bilirubin.total [Mass/volume] in Serum or Plasma', 'mg/dL', 2, [0.1, 1.2]),
      test('1751-7', 'Albumin [Mass/volume] in Serum or Plasma', 'g/dL', 1, [3.5, 5.0]),
    ],
  },
];

/** Single tests that follow a condition, ordered by themselves. */
// prettier-ignore
export const FOLLOWING_TESTS: Readonly<Partial<Record<ChronicKey, LabTest>>> = {
  diabetes: test('4548-4', 'Hemoglobin A1c/Hemoglobin.total in Blood', '%', 1, [4.0, 5.6], 'diabetes', [6.0, 11.2]),
  hypothyroidism: test('3016-3', 'Thyrotropin [Units/volume] in Serum or Plasma', 'm[IU]/L', 2, [0.4, 4.0], 'hypothyroidism', [0.9, 9.5]),
  fibrillation: test('6301-6', 'INR in Platelet poor plasma by Coagulation assay', '{INR}', 2, [0.9, 1.1], 'fibrillation', [1.6, 3.8]),
  kidney: CREATININE,
};
