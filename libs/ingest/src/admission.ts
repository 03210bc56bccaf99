import { FURTHER_TYPES } from '@chartledger/fhir';
import { SYSTEM_SOURCE } from '@chartledger/ledger';
import { FhirError, type Issue } from '@chartledger/platform';
import { changeExpression, type Change } from '@chartledger/sequence';

/** Reads a resource that a client wants the system to work with, and says what is wrong with it, element by element. */
export type Check = (resource: unknown) => Issue[];

/** The types that clients may write to the system's own source, each with what must be sound about it beside its structure. */
export type Admission = ReadonlyMap<string, Check>;

/**
 * Who may write what where: everybody else's source takes every type of FHIR R4; the system's own takes what it can be
 * configured with, and nothing that it decides itself.
 * @throws FhirError for the first change that is not admitted.
 */
export function admit(source: string, changes: readonly Change[], admission: Admission): void {
  for (const change of changes) {
    if (source !== SYSTEM_SOURCE) refuseFurtherTypes(change);
    else checkOwn(change, admission);
  }
}

function refuseFurtherTypes(change: Change): void {
  if (!FURTHER_TYPES.includes(change.type)) return;
  throw FhirError.of(
    404,
    'not-supported',
    `${change.type} is no resource type of FHIR R4: it is kept under /fhir/${SYSTEM_SOURCE} only`,
    changeExpression(change),
  );
}

function checkOwn(change: Change, admission: Admission): void {
  const check = admission.get(change.type);
  if (!check) {
    throw FhirError.of(
      405,
      'not-supported',
      `/fhir/${SYSTEM_SOURCE} takes ${[...admission.keys()].sort().join(', ')} from clients; a ${change.type} there is made by the system itself`,
      changeExpression(change),
    );
  }
  if (change.method === 'DELETE') return;
  const issues = check(JSON.parse(change.text.toString('utf8')));
  if (issues.some(({ severity }) => severity === 'error' || severity === 'fatal')) throw new FhirError(422, issues);
}
