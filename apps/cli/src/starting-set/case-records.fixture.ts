import { type Resource } from './world.fixture.js';

/** A record in short: one of `patient`, `stay`, `emergency`, `condition`, `observation`, `vaccine` names the patient. */
export interface CaseRecord {
  at: string;
  patient?: string;
  stay?: string;
  emergency?: string;
  condition?: string;
  observation?: string;
  vaccine?: string;
  from?: string;
  to?: string;
  on?: string;
  status?: string;
  disposition?: string;
  /** `system|code` */
  codes?: string[];
  components?: string[];
  verification?: string;
  clinical?: string | null;
  deleted?: boolean;
  [element: string]: unknown;
}

export function caseRecords(
  records: readonly CaseRecord[],
): { source: string; resource: Resource; deleted: boolean }[] {
  return records.map((record, index) => ({
    source: record.at,
    resource: resourceOf(record, `r${index}`),
    deleted: record.deleted === true,
  }));
}

function resourceOf(record: CaseRecord, id: string): Resource {
  const { patient, stay, emergency, condition, observation, vaccine } = record;
  const { codes, components, verification, clinical, status, disposition, from, to, on } = record;
  const elements = Object.fromEntries(
    Object.entries(record).filter(([name]) => /^(birthDate|deceased|active|onset|abatement|recorded)/.test(name)),
  );
  if (patient !== undefined) return { resourceType: 'Patient', id: patient, ...elements };
  const subject = { reference: `Patient/${stay ?? emergency ?? condition ?? observation ?? vaccine}` };
  if (stay !== undefined || emergency !== undefined) {
    return {
      resourceType: 'Encounter',
      id,
      status: status ?? 'finished',
      class: { code: stay === undefined ? 'EMER' : 'IMP' },
      subject,
      period: { start: from, end: to },
      ...(disposition ? { hospitalization: { dischargeDisposition: { coding: [{ code: disposition }] } } } : {}),
    };
  }
  if (condition !== undefined) {
    return {
      resourceType: 'Condition',
      id,
      subject,
      code: concept(codes),
      ...(clinical === null ? {} : { clinicalStatus: { coding: [{ code: clinical ?? 'active' }] } }),
      ...(verification ? { verificationStatus: { coding: [{ code: verification }] } } : {}),
      ...elements,
    };
  }
  if (observation !== undefined) {
    return {
      resourceType: 'Observation',
      id,
      status: status ?? 'final',
      subject,
      code: concept(codes),
      effectiveDateTime: on,
      ...(components ? { component: components.map((code) => ({ code: concept([code]) })) } : {}),
    };
  }
  return {
    resourceType: 'Immunization',
    id,
    status: status ?? 'completed',
    patient: subject,
    vaccineCode: concept(codes),
    occurrenceDateTime: on,
  };
}

function concept(codes: readonly string[] = []): { coding: { system: string; code: string }[] } {
  return {
    coding: codes.map((one) => {
      const [system, code] = one.split('|') as [string, string];
      return { system, code };
    }),
  };
}
