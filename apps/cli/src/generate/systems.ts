import { type Code } from './conditions.data.js';
import { type JsonObject } from './json.js';

/** The code systems of the town's records, by the URL that FHIR gives them. */
export const SNOMED = 'http://snomed.info/sct';
export const ICD10 = 'http://hl7.org/fhir/sid/icd-10-cm';
export const LOINC = 'http://loinc.org';
export const UCUM = 'http://unitsofmeasure.org';
export const RXNORM = 'http://www.nlm.nih.gov/research/umls/rxnorm';
export const CVX = 'http://hl7.org/fhir/sid/cvx';
export const NPI = 'http://hl7.org/fhir/sid/us-npi';
export const SSN = 'http://hl7.org/fhir/sid/us-ssn';

const TERMINOLOGY = 'http://terminology.hl7.org/CodeSystem';

/** The URL of a code system that HL7 keeps under terminology.hl7.org. */
export function hl7(name: string): string {
  return `${TERMINOLOGY}/${name}`;
}

export function coding(system: string, code: Code): JsonObject {
  return { system, code: code.code, display: code.display };
}

/** A CodeableConcept of one coding, with its display as the text. */
export function concept(system: string, code: Code): JsonObject {
  return { coding: [coding(system, code)], text: code.display };
}
