import { referenceType, type ReferenceTyper } from '../reference/reference-type.js';
import { referenceValues } from '../search/reference-values.js';
import { PATIENT_COMPARTMENT } from './patient-compartment.table.js';

/**
 * The search parameters that place resources of type `type` into a patient's compartment, in the definition's order
 * (http://hl7.org/fhir/R4/compartmentdefinition-patient.html); empty for a type that is in none.
 */
export function patientParameters(type: string): readonly string[] {
  return Object.hasOwn(PATIENT_COMPARTMENT, type) ? (PATIENT_COMPARTMENT[type] as readonly string[]) : [];
}

/**
 * The first reference to a Patient among the compartment parameters of `type`, as it is written: Patient/23, an
 * absolute URL, urn:uuid:… or Patient?identifier=…. Undefined for a resource that is in no patient's compartment, and
 * for Patient itself, whose compartment is its own id's (http://hl7.org/fhir/R4/compartmentdefinition.html).
 * @param typeOf tells what a urn:uuid: or contained reference points to; one that it does not know is no Patient.
 */
export function patientReference(type: string, resource: unknown, typeOf?: ReferenceTyper): string | undefined {
  if (type === 'Patient') return undefined;
  for (const code of patientParameters(type)) {
    const reference = referenceValues(type, code, resource, typeOf).find(
      (text) => referenceType(text, typeOf) === 'Patient',
    );
    if (reference !== undefined) return reference;
  }
  return undefined;
}
