import { patientReference, type Finding, type ReferenceTyper, type ScannedResource } from '@chartledger/fhir';
import { FhirError } from '@chartledger/platform';
import { NO_FACTS, readFacts } from '@chartledger/projection';
import { changeExpression, type Change, type Link } from '@chartledger/sequence';
import { type PreparedChange } from './prepared.js';

/** What the request or the Bundle's entry says of a change, apart from the resource. */
export type Asked = Pick<
  Change,
  'index' | 'method' | 'type' | 'id' | 'url' | 'fullUrl' | 'ifMatch' | 'ifNoneMatch' | 'ifNoneExist'
>;

/**
 * The change that a resource asks for.
 * @param scanned undefined for a DELETE.
 * @param targets in a transaction, the resource type behind each fullUrl of the Bundle.
 * @throws FhirError (400) when the body and the URL do not agree.
 */
export function prepareChange(
  asked: Asked,
  scanned: ScannedResource | undefined,
  body: Buffer,
  targets: ReadonlyMap<string, string> | undefined,
  findings: readonly Finding[],
): PreparedChange {
  if (!scanned)
    return { ...asked, start: 0, end: 0, links: [], facts: NO_FACTS, patient: undefined, findings: undefined };
  checkAgreement(asked, scanned);
  const { start, end, type } = scanned;
  const resource: unknown = JSON.parse(body.toString('utf8', start, end));
  const typeOf: ReferenceTyper | undefined = targets && ((reference) => targets.get(reference));
  const references = scanned.references.map((reference) => reference.value);
  return {
    ...asked,
    start,
    end,
    links: targets ? linksOf(scanned, targets) : [],
    facts: readFacts(type, resource, references, typeOf),
    patient: patientReference(type, resource, typeOf),
    findings:
      findings.length > 0
        ? findings.map(({ code, expression, message }) => ({ code, expression, message }))
        : undefined,
  };
}

/** The findings that no policy lets in: the text is not JSON, or says no resource type, or no usable id. */
export function recordable(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(
    ({ severity, expression }) => severity === 'fatal' || /(^|\.)(resourceType|id)$/.test(expression),
  );
}

function checkAgreement(asked: Asked, scanned: ScannedResource): void {
  const at = (element: string): string =>
    asked.index === undefined ? `${asked.type}.${element}` : changeExpression(asked as Change, `resource.${element}`);
  if (scanned.type !== asked.type) {
    throw FhirError.of(
      400,
      'invalid',
      `the body is a ${scanned.type || 'resource of unknown type'}, but the URL says ${asked.type}`,
      at('resourceType'),
    );
  }
  if (asked.method !== 'PUT') return;
  if (scanned.id === undefined)
    throw FhirError.of(400, 'required', 'the body of an update must have the id that the URL names', at('id'));
  if (scanned.id !== asked.id)
    throw FhirError.of(400, 'invalid', 'the id in the body is not the id in the URL', at('id'));
}

/** The strings that a transaction may have to rewrite: links to its entries, and conditional references. */
function linksOf({ references, links }: ScannedResource, targets: ReadonlyMap<string, string>): Link[] {
  const found: Link[] = [];
  for (const { start, end, value } of references) {
    if (value.startsWith('urn:') || targets.has(value) || value.includes('?')) {
      found.push({ start, length: end - start, value, mustResolve: true });
    }
  }
  for (const { start, end, value } of links) {
    if (targets.has(value)) found.push({ start, length: end - start, value, mustResolve: false });
  }
  return found;
}
