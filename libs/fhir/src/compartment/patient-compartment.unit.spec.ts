import { describe, expect, it } from '@jest/globals';
import { searchParametersOf } from '../search/search-parameters.js';
import { PATIENT_COMPARTMENT } from './patient-compartment.table.js';
import { patientParameters, patientReference } from './patient-compartment.js';

const UUID = 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520';

describe('the table of the patient compartment', () => {
  it('names reference parameters that compile, and 66 types beside Patient', () => {
    for (const [type, codes] of Object.entries(PATIENT_COMPARTMENT)) {
      for (const code of codes) {
        const parameter = searchParametersOf(type).get(code);
        expect([type, code, parameter?.type, typeof parameter?.evaluate]).toEqual([
          type,
          code,
          'reference',
          'function',
        ]);
      }
    }
    expect(Object.keys(PATIENT_COMPARTMENT)).toHaveLength(67);
    expect(patientParameters('Coverage')).toEqual(['policy-holder', 'subscriber', 'beneficiary', 'payor']);
    expect(patientParameters('Organization')).toEqual([]);
    expect(patientParameters('constructor')).toEqual([]);
  });
});

describe('patientReference', () => {
  it.each(['Patient/1', 'https://example.org/fhir/Patient/1', 'Patient?identifier=http://example.org/mrn|1'])(
    'gives %s as it is written',
    (reference) => {
      expect(patientReference('Observation', { resourceType: 'Observation', subject: { reference } })).toBe(reference);
    },
  );

  it('takes the first parameter that leads to a patient, in the order of the definition', () => {
    const coverage = {
      resourceType: 'Coverage',
      payor: [{ reference: 'Patient/4' }],
      beneficiary: { reference: 'Patient/3' },
      policyHolder: { reference: 'Organization/1' },
    };
    expect(patientReference('Coverage', coverage)).toBe('Patient/3');
  });

  it('takes the first patient among the references of a parameter', () => {
    const participant = [
      { actor: { reference: 'Practitioner/1' } },
      { actor: { reference: 'Patient/2' } },
      { actor: {} },
    ];
    expect(patientReference('Appointment', { resourceType: 'Appointment', participant })).toBe('Patient/2');
  });

  it('asks for the type behind a urn, and takes it for no patient where nobody knows', () => {
    const resource = { resourceType: 'Procedure', subject: { reference: UUID } };
    expect(patientReference('Procedure', resource, () => 'Patient')).toBe(UUID);
    expect(patientReference('Procedure', resource, () => 'Group')).toBeUndefined();
    expect(patientReference('Procedure', resource)).toBeUndefined();
  });

  it('asks for the type through parameters that keep patients only', () => {
    const provenance = { resourceType: 'Provenance', target: [{ reference: 'Encounter/1' }, { reference: UUID }] };
    expect(patientReference('Provenance', provenance, () => 'Patient')).toBe(UUID);
  });

  it('is undefined for a patient, for a type in no compartment, and without a patient', () => {
    const link = [{ other: { reference: 'Patient/2' } }];
    expect(patientReference('Patient', { resourceType: 'Patient', link })).toBeUndefined();
    expect(patientReference('Organization', { resourceType: 'Organization' })).toBeUndefined();
    expect(patientReference('Observation', { subject: { reference: 'Group/1' } })).toBeUndefined();
    expect(patientReference('Observation', { subject: { identifier: { value: '1' } } })).toBeUndefined();
    expect(patientReference('Observation', { subject: 'Patient/1x y' })).toBeUndefined();
  });
});
