import { type Code } from './conditions.data.js';

/** A kind of visit: v3 ActCode for the class, SNOMED CT for the type, and how long it takes. */
export interface VisitKind {
  readonly name: 'checkup' | 'symptom' | 'follow-up' | 'emergency' | 'admission';
  readonly encounterClass: Code;
  readonly type: Code;
  readonly minutes: readonly [shortest: number, longest: number];
}

const AMBULATORY = { code: 'AMB', display: 'ambulatory' };
const EMERGENCY = { code: 'EMER', display: 'emergency' };
const INPATIENT = { code: 'IMP', display: 'inpatient encounter' };

// prettier-ignore
export const VISIT_KINDS = {
  checkup: { name: 'checkup', encounterClass: AMBULATORY, type: { code: '162673000', display: 'General examination of patient' }, minutes: [15, 45] },
  symptom: { name: 'symptom', encounterClass: AMBULATORY, type: { code: '185345009', display: 'Encounter for symptom' }, minutes: [10, 40] },
  followUp: { name: 'follow-up', encounterClass: AMBULATORY, type: { code: '390906007', display: 'Follow-up encounter' }, minutes: [10, 30] },
  emergency: { name: 'emergency', encounterClass: EMERGENCY, type: { code: '50849002', display: 'Emergency room admission' }, minutes: [60, 420] },
  admission: { name: 'admission', encounterClass: INPATIENT, type: { code: '32485007', display: 'Hospital admission' }, minutes: [1_500, 9_000] },
} as const satisfies Record<string, VisitKind>;

/** Vaccines by CVX, with the youngest age at which they are given here. */
export const VACCINES: readonly (Code & { readonly fromAge: number })[] = [
  { code: '140', display: 'Influenza, seasonal, injectable, preservative free', fromAge: 1 },
  { code: '113', display: 'Td (adult), 5 Lf tetanus toxoid, preservative free, adsorbed', fromAge: 18 },
  { code: '115', display: 'Tdap', fromAge: 11 },
  { code: '33', display: 'pneumococcal polysaccharide PPV23', fromAge: 65 },
  { code: '03', display: 'MMR', fromAge: 1 },
  { code: '08', display: 'Hep B, adolescent or pediatric', fromAge: 0 },
];
