import { parseReference } from './reference-url.js';

/**
 * Tells the resource type behind a reference whose text does not say it (urn:uuid:…, #contained), or undefined where it
 * does not know. MUST NOT throw.
 */
export type ReferenceTyper = (reference: string) => string | undefined;

/**
 * The type of the resource that a reference points to, by its text alone; `typeOf` is asked where the text does not say
 * it. This is the one decision behind FHIRPath's `resolve() is T` (http://hl7.org/fhir/R4/fhirpath.html#functions) and
 * the patient compartment.
 */
export function referenceType(reference: string, typeOf?: ReferenceTyper): string | undefined {
  const parsed = parseReference(reference);
  switch (parsed.kind) {
    case 'relative':
    case 'absolute':
    case 'conditional':
      return parsed.type;
    case 'urn':
    case 'fragment':
    case 'other':
      return typeOf?.(reference);
  }
}
