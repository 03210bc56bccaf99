import { FENCE, type Pair, type Progress, type RecordName } from './person-entries.js';

/*
 * The FHIR resources that decisions are versions of. They name records and hold nothing of what a record says: there is one
 * copy of that, in the record.
 */

/** http://hl7.org/fhir/R4/valueset-identity-assuranceLevel.html: 3 where the model is certain, 4 where a steward said so. */
export type Assurance = 'level2' | 'level3' | 'level4';

const CODES = 'urn:chartledger:matching';

/** A person with records. References name records as `source/Patient/id`; they are served as absolute URLs. */
export function activePerson(
  id: string,
  records: readonly RecordName[],
  assurance: (name: RecordName) => Assurance,
): object {
  return {
    resourceType: 'Person',
    id,
    active: true,
    link: [...records].sort().map((name) => ({
      target: { reference: name },
      ...(records.length > 1 ? { assurance: assurance(name) } : {}),
    })),
  };
}

/** A person that was found to be another one. */
export function absorbedPerson(id: string, into: string): object {
  return { resourceType: 'Person', id, active: false, link: [{ target: { reference: `Person/${into}` } }] };
}

/** A person whose records are all gone. */
export function emptyPerson(id: string): object {
  return { resourceType: 'Person', id, active: false };
}

/** Two records that a steward is asked to look at, or was. */
export function reviewTask(id: string, [left, right]: Pair, status: 'requested' | 'completed' | 'cancelled'): object {
  return {
    resourceType: 'Task',
    id,
    status,
    intent: 'proposal',
    code: { coding: [{ system: CODES, code: 'review' }], text: 'Are these two records of one person?' },
    input: [left, right].map((name) => ({
      type: { coding: [{ system: CODES, code: 'record' }], text: 'record' },
      valueReference: { reference: name },
    })),
  };
}

/** The next version of the fence. */
export function progressResource(progress: Progress): object {
  return {
    resourceType: FENCE.type,
    id: FENCE.id,
    code: { coding: [{ system: CODES, code: 'progress' }], text: 'How far patient matching has come' },
    extension: [{ url: `${CODES}:progress`, valueString: JSON.stringify(progress) }],
  };
}

/** @throws TypeError for what `progressResource` did not make. */
export function progressOf(resource: unknown): Progress {
  const { extension } = resource as { extension?: { valueString?: string }[] };
  const text = extension?.[0]?.valueString;
  if (text === undefined) throw new TypeError(`${FENCE.type}/${FENCE.id} says no progress`);
  return JSON.parse(text) as Progress;
}
