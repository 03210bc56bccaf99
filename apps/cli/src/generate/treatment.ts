import { at, bearings, type Chart, type Moment } from './chart.js';
import { type VACCINES } from './care.data.js';
import { type ConditionCode, type Medication } from './conditions.data.js';
import { isoDate } from './dates.js';
import { locationReference, practitionerReference } from './staff.js';
import { coding, concept, CVX, hl7, ICD10, RXNORM, SNOMED } from './systems.js';

/** A diagnosis. `problem` is a condition for life; one that passes is resolved after some days. */
export function addCondition(
  chart: Chart,
  moment: Moment,
  { snomed, icd10 }: ConditionCode,
  course: { readonly problem: true; readonly onsetDay: number } | { readonly problem: false; readonly days: number },
): string {
  const category = course.problem
    ? { code: 'problem-list-item', display: 'Problem List Item' }
    : { code: 'encounter-diagnosis', display: 'Encounter Diagnosis' };
  const status = course.problem ? { code: 'active', display: 'Active' } : { code: 'resolved', display: 'Resolved' };
  return chart.draft.add('Condition', {
    clinicalStatus: { coding: [coding(hl7('condition-clinical'), status)] },
    verificationStatus: {
      coding: [coding(hl7('condition-ver-status'), { code: 'confirmed', display: 'Confirmed' })],
    },
    category: [{ coding: [coding(hl7('condition-category'), category)] }],
    code: { coding: [coding(SNOMED, snomed), coding(ICD10, icd10)], text: snomed.display },
    ...bearings(chart, moment),
    onsetDateTime: course.problem ? isoDate(course.onsetDay) : at(chart, moment),
    abatementDateTime: course.problem ? undefined : isoDate(moment.day + course.days),
    recordedDate: at(chart, moment),
    recorder: practitionerReference(moment.practitioner),
  });
}

/** A prescription; `running` is one that has not ended. */
export function addPrescription(
  chart: Chart,
  moment: Moment,
  medication: Medication,
  running: boolean,
  reason?: string,
): void {
  chart.draft.add('MedicationRequest', {
    status: running ? 'active' : 'completed',
    intent: 'order',
    medicationCodeableConcept: concept(RXNORM, medication),
    ...bearings(chart, moment),
    authoredOn: at(chart, moment),
    requester: practitionerReference(moment.practitioner),
    reasonReference: reason === undefined ? undefined : [{ reference: reason }],
    dosageInstruction: [{ sequence: 1, text: medication.dosage }],
  });
}

export function addImmunization(chart: Chart, moment: Moment, vaccine: (typeof VACCINES)[number]): void {
  const { encounter, subject } = bearings(chart, moment);
  chart.draft.add('Immunization', {
    status: 'completed',
    vaccineCode: concept(CVX, { code: vaccine.code, display: vaccine.display }),
    patient: subject,
    encounter,
    occurrenceDateTime: at(chart, moment),
    primarySource: true,
    location: locationReference(chart.site, 0),
    performer: [{ actor: practitionerReference(moment.practitioner) }],
  });
}
