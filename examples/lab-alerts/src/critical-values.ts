/** A limit beyond which a laboratory calls the ward at once. */
export interface CriticalValue {
  /** LOINC. */
  code: string;
  name: string;
  /** UCUM. A result in another unit is not compared. */
  unit: string;
  above?: number;
  below?: number;
}

/** Examples, as laboratories publish them. Not medical advice: each laboratory has its own. */
// prettier-ignore
export const CRITICAL_VALUES: readonly CriticalValue[] = [
  { code: '2823-3', name: 'Potassium', unit: 'mmol/L', above: 6.5, below: 2.5 },
  { code: '2951-2', name: 'Sodium', unit: 'mmol/L', above: 160, below: 120 },
  { code: '2075-0', name: 'Chloride', unit: 'mmol/L', above: 120, below: 80 },
  { code: '17861-6', name: 'Calcium', unit: 'mg/dL', above: 12, below: 6.5 },
  { code: '2345-7', name: 'Glucose in serum', unit: 'mg/dL', above: 500, below: 40 },
  { code: '2339-0', name: 'Glucose in blood', unit: 'mg/dL', above: 500, below: 40 },
  { code: '3094-0', name: 'Urea nitrogen', unit: 'mg/dL', above: 100 },
  { code: '2160-0', name: 'Creatinine', unit: 'mg/dL', above: 7.4 },
  { code: '718-7', name: 'Hemoglobin', unit: 'g/dL', above: 20, below: 7 },
  { code: '777-3', name: 'Platelets', unit: '10*3/uL', above: 1000, below: 40 },
  { code: '6301-6', name: 'INR', unit: '{INR}', above: 5 },
];
