import {
  identifierTokens,
  parseReference,
  referenceValues,
  type IdentifierToken,
  type ReferenceTyper,
} from '@chartledger/fhir';

/** The reference parameters that search knows in this version. */
export const SEARCHED_REFERENCES = ['patient', 'subject'] as const;

/**
 * What projections need to know of a resource, read from it once. The same function serves the live way (at ingest, where
 * references may still be `urn:uuid:` or conditional) and replay (from the served text), so both give the same rows.
 */
export interface Facts {
  identifiers: IdentifierToken[];
  /** The distinct reference strings in the resource, in order of appearance. */
  references: string[];
  /** For each searched reference parameter, its values. */
  search: { code: string; values: string[] }[];
  /** The targets of a Provenance. */
  targets: string[];
  /** Of a Patient: the elements by which a person is known, as they were sent. */
  demographics?: Demographics;
}

/** http://hl7.org/fhir/R4/patient.html: what says who somebody is. Not checked: a source's policy may let odd ones in. */
const DEMOGRAPHIC_ELEMENTS = [
  'identifier',
  'name',
  'telecom',
  'gender',
  'birthDate',
  'address',
  'contact',
  'multipleBirthBoolean',
  'multipleBirthInteger',
] as const;
export type Demographics = Partial<Record<(typeof DEMOGRAPHIC_ELEMENTS)[number], unknown>>;

export const NO_FACTS: RecordFacts = { identifiers: [], references: [], search: [], targets: [], resolved: true };

/**
 * @param references the values of all `reference` elements of the resource, also in contained resources.
 * @param typeOf the resource type behind a reference whose text does not say it (`urn:uuid:`).
 */
export function readFacts(
  type: string,
  resource: unknown,
  references: readonly string[],
  typeOf?: ReferenceTyper,
): Facts {
  const search: Facts['search'] = [];
  for (const code of SEARCHED_REFERENCES) {
    const values = referenceValues(type, code, resource, typeOf);
    if (values.length > 0) search.push({ code, values });
  }
  return {
    identifiers: identifierTokens(type, resource),
    references: references.length > 1 ? [...new Set(references)] : [...references],
    search,
    targets: type === 'Provenance' ? referenceValues(type, 'target', resource, typeOf) : [],
    ...(type === 'Patient' ? { demographics: readDemographics(resource) } : {}),
  };
}

/** The elements of a Patient by which a person is known. */
export function readDemographics(patient: unknown): Demographics {
  const elements = patient as Demographics;
  const found: Demographics = {};
  for (const name of DEMOGRAPHIC_ELEMENTS) if (elements[name] !== undefined) found[name] = elements[name];
  return found;
}

const HISTORY = '/_history/';

/**
 * What projections keep of a resource: its references as records of the same source (`Type/id`), others left out. A
 * reference to one version stands among `references` in both forms, with and without the version.
 */
export type RecordFacts = Facts & { readonly resolved: true };

/** @param toRecord the record behind a reference as it was sent, `Type/id`, or undefined for one that is not local. */
export function resolveFacts(facts: Facts, toRecord: (reference: string) => string | undefined): RecordFacts {
  const records = (values: readonly string[], withVersions = false): string[] => {
    const found = new Set<string>();
    for (const value of values) {
      const record = toRecord(value);
      if (record === undefined) continue;
      found.add(record);
      const version = withVersions ? value.lastIndexOf(HISTORY) : -1;
      if (version !== -1) found.add(record + value.slice(version));
    }
    return [...found];
  };
  return {
    identifiers: facts.identifiers,
    references: records(facts.references, true),
    search: facts.search.map(({ code, values }) => ({ code, values: records(values) })),
    targets: records(facts.targets),
    ...(facts.demographics ? { demographics: facts.demographics } : {}),
    resolved: true,
  };
}

/** `Type/id` of a relative reference (without its version), or undefined for any other. */
export function localRecord(reference: string): string | undefined {
  const parsed = parseReference(reference);
  return parsed.kind === 'relative' ? `${parsed.type}/${parsed.id}` : undefined;
}
