import { scanResource, type Finding } from '@chartledger/fhir';
import { FhirError } from '@chartledger/platform';
import { toIssue } from './issues.js';
import { prepareBundle } from './prepare-bundle.js';
import { prepareChange, recordable } from './prepare-change.js';
import { type Prepared, type PrepareRequest } from './prepared.js';

/**
 * Reads a request's body: checks it, cuts it into changes and takes from each what sequencing and projections need. Pure
 * and without any look at the ledger, so that it can run on another thread. What is refused is said in the answer.
 */
export function prepare(request: PrepareRequest, body: Buffer): Prepared {
  try {
    return request.kind === 'bundle' ? prepareBundle(request, body) : prepareResource(request, body);
  } catch (error) {
    if (error instanceof FhirError) return { refused: { status: error.status, issues: [...error.issues] } };
    throw error;
  }
}

function prepareResource(request: PrepareRequest, body: Buffer): Prepared {
  const { method, type, id, url, ifMatch, ifNoneMatch, ifNoneExist, recordFindings } = request;
  const asked = { index: undefined, method, type, id, url, fullUrl: undefined, ifMatch, ifNoneMatch, ifNoneExist };
  if (method === 'DELETE') return single(prepareChange(asked, undefined, body, undefined, []));
  const scanned = scanResource(body, { type });
  const findings = recordFindings ? recordable(scanned.findings) : scanned.findings;
  refuse(findings);
  return single(prepareChange(asked, scanned, body, undefined, recordFindings ? scanned.findings : []));
}

function single(change: ReturnType<typeof prepareChange>): Prepared {
  return { kind: 'single', entries: 1, changes: [change], reads: [], refusals: [] };
}

function refuse(findings: readonly Finding[]): void {
  if (findings.length > 0) throw new FhirError(400, findings.map(toIssue));
}
