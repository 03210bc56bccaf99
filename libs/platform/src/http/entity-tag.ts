import { FhirError } from '../errors.js';

const ENTITY_TAG = /^(?:W\/)?"([^"]{1,64})"$/;

/** The version that `W/"3"` names (http://hl7.org/fhir/R4/http.html#versions). @throws FhirError (400) for another form. */
export function parseEntityTag(value: string, expression = 'If-Match'): string {
  const match = ENTITY_TAG.exec(value.trim());
  if (!match) throw FhirError.of(400, 'invalid', 'a version is named as W/"3"', expression);
  return match[1];
}

export function entityTag(version: number): string {
  return `W/"${version}"`;
}
