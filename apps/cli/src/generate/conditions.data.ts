/** A code with its text, as it stands in a FHIR Coding. */
export interface Code {
  readonly code: string;
  readonly display: string;
}

export interface Medication extends Code {
  readonly dosage: string;
}

/** What a patient can have: SNOMED CT and ICD-10-CM for the diagnosis, RxNorm for what is given for it. */
export interface ConditionCode {
  readonly snomed: Code;
  readonly icd10: Code;
  readonly medication?: Medication;
}

/** A condition for life, with the age from which it occurs and the share of those older who have it. */
export interface ChronicCondition extends ConditionCode {
  readonly key: ChronicKey;
  readonly fromAge: number;
  readonly share: number;
}

export type ChronicKey =
  | 'hypertension'
  | 'diabetes'
  | 'hyperlipidemia'
  | 'asthma'
  | 'hypothyroidism'
  | 'coronary'
  | 'fibrillation'
  | 'depression'
  | 'copd'
  | 'kidney'
  | 'arthrosis'
  | 'anemia';

const code = (value: string, display: string): Code => ({ code: value, display });
const drug = (value: string, display: string, dosage: string): Medication => ({ code: value, display, dosage });

const chronic = (
  key: ChronicKey,
  fromAge: number,
  share: number,
  snomed: Code,
  icd10: Code,
  medication: Medication,
): ChronicCondition => ({ key, fromAge, share, snomed, icd10, medication });

const DAILY = 'Take 1 tablet by mouth once daily';

// prettier-ignore
export const CHRONIC_CONDITIONS: readonly ChronicCondition[] = [
  chronic('hypertension', 40, 0.35, code('59621000', 'Essential hypertension'), code('I10', 'Essential (primary) hypertension'), drug('314076', 'lisinopril 10 MG Oral Tablet', DAILY)),
  chronic('diabetes', 40, 0.15, code('44054006', 'Type 2 diabetes mellitus'), code('E11.9', 'Type 2 diabetes mellitus without complications'), drug('860975', '24 HR metformin hydrochloride 500 MG Extended Release Oral Tablet', 'Take 1 tablet by mouth twice daily with meals')),
  chronic('hyperlipidemia', 40, 0.25, code('55822004', 'Hyperlipidemia'), code('E78.5', 'Hyperlipidemia, unspecified'), drug('312961', 'simvastatin 20 MG Oral Tablet', 'Take 1 tablet by mouth in the evening')),
  chronic('asthma', 3, 0.08, code('195967001', 'Asthma'), code('J45.909', 'Unspecified asthma, uncomplicated'), drug('745679', '200 ACTUAT albuterol 0.09 MG/ACTUAT Metered Dose Inhaler', 'Inhale 2 puffs every 4 hours as needed')),
  chronic('hypothyroidism', 30, 0.06, code('40930008', 'Hypothyroidism'), code('E03.9', 'Hypothyroidism, unspecified'), drug('966222', 'levothyroxine sodium 0.075 MG Oral Tablet', 'Take 1 tablet by mouth every morning before breakfast')),
  chronic('coronary', 55, 0.09, code('53741008', 'Coronary arteriosclerosis'), code('I25.10', 'Atherosclerotic heart disease of native coronary artery without angina pectoris'), drug('309362', 'clopidogrel 75 MG Oral Tablet', DAILY)),
  chronic('fibrillation', 60, 0.07, code('49436004', 'Atrial fibrillation'), code('I48.91', 'Unspecified atrial fibrillation'), drug('855332', 'warfarin sodium 5 MG Oral Tablet', DAILY)),
  chronic('depression', 16, 0.09, code('35489007', 'Depressive disorder'), code('F32.A', 'Depression, unspecified'), drug('312941', 'sertraline 50 MG Oral Tablet', DAILY)),
  chronic('copd', 50, 0.07, code('13645005', 'Chronic obstructive lung disease'), code('J44.9', 'Chronic obstructive pulmonary disease, unspecified'), drug('896209', '60 ACTUAT fluticasone propionate 0.25 MG/ACTUAT / salmeterol 0.05 MG/ACTUAT Dry Powder Inhaler', 'Inhale 1 puff twice daily')),
  chronic('kidney', 60, 0.09, code('433144002', 'Chronic kidney disease stage 3'), code('N18.30', 'Chronic kidney disease, stage 3 unspecified'), drug('313988', 'furosemide 40 MG Oral Tablet', DAILY)),
  chronic('arthrosis', 50, 0.12, code('239873007', 'Osteoarthritis of knee'), code('M17.9', 'Osteoarthritis of knee, unspecified'), drug('849574', 'naproxen sodium 220 MG Oral Tablet', 'Take 1 tablet by mouth every 12 hours with food')),
  chronic('anemia', 12, 0.05, code('271737000', 'Anemia'), code('D64.9', 'Anemia, unspecified'), drug('310325', 'ferrous sulfate 325 MG Oral Tablet', DAILY)),
];

/** What passes, from common to rare. */
// prettier-ignore
export const ACUTE_CONDITIONS: readonly ConditionCode[] = [
  { snomed: code('444814009', 'Viral sinusitis'), icd10: code('J01.90', 'Acute sinusitis, unspecified') },
  { snomed: code('195662009', 'Acute viral pharyngitis'), icd10: code('J02.9', 'Acute pharyngitis, unspecified'), medication: drug('313782', 'acetaminophen 325 MG Oral Tablet', 'Take 2 tablets by mouth every 6 hours as needed') },
  { snomed: code('10509002', 'Acute bronchitis'), icd10: code('J20.9', 'Acute bronchitis, unspecified'), medication: drug('308192', 'amoxicillin 500 MG Oral Tablet', 'Take 1 tablet by mouth three times daily for 10 days') },
  { snomed: code('65363002', 'Otitis media'), icd10: code('H66.90', 'Otitis media, unspecified, unspecified ear'), medication: drug('308182', 'amoxicillin 250 MG Oral Capsule', 'Take 1 capsule by mouth three times daily for 10 days') },
  { snomed: code('68566005', 'Urinary tract infectious disease'), icd10: code('N39.0', 'Urinary tract infection, site not specified'), medication: drug('311989', 'nitrofurantoin 5 MG/ML Oral Suspension', 'Take 20 mL by mouth every 6 hours with food') },
  { snomed: code('44465007', 'Sprain of ankle'), icd10: code('S93.409A', 'Sprain of unspecified ligament of unspecified ankle, initial encounter'), medication: drug('310965', 'ibuprofen 200 MG Oral Tablet', 'Take 2 tablets by mouth every 8 hours with food') },
  { snomed: code('62106007', 'Concussion with no loss of consciousness'), icd10: code('S06.0X0A', 'Concussion without loss of consciousness, initial encounter') },
  { snomed: code('840539006', 'Disease caused by SARS-CoV-2'), icd10: code('U07.1', 'COVID-19') },
];
