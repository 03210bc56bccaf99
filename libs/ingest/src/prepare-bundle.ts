import {
  isResourceId,
  isResourceType,
  scanBundle,
  type BundleEntry,
  type BundleRequest,
  type Finding,
} from '@chartledger/fhir';
import { FhirError, parseEntityTag } from '@chartledger/platform';
import { toIssue } from './issues.js';
import { prepareChange, recordable, type Asked } from './prepare-change.js';
import {
  type Prepared,
  type PreparedChange,
  type PreparedRead,
  type PrepareRequest,
  type Refusal,
} from './prepared.js';

const METHODS = new Set(['POST', 'PUT', 'DELETE']);

/**
 * Reads a batch or transaction (http://hl7.org/fhir/R4/http.html#transaction).
 * @throws FhirError when all of it is refused: it is no such Bundle, or a transaction of which one entry is refused.
 */
export function prepareBundle({ recordFindings }: PrepareRequest, body: Buffer): Prepared {
  const bundle = scanBundle(body);
  const { type } = bundle;
  const general = bundle.findings.filter((finding) => finding.severity === 'fatal' || !isOfEntry(finding));
  if (general.length > 0) throw new FhirError(400, general.map(toIssue));
  if (type !== 'batch' && type !== 'transaction') {
    throw FhirError.of(400, 'invalid', 'a Bundle sent to the base must be of type batch or transaction', 'Bundle.type');
  }
  const targets = targetsOf(bundle.entries, type === 'transaction');
  const changes: PreparedChange[] = [];
  const reads: PreparedRead[] = [];
  const refusals: (Refusal & { index: number })[] = [];
  for (const entry of bundle.entries) {
    try {
      const prepared = prepareEntry(entry, body, recordFindings, type === 'transaction' ? targets : undefined, targets);
      if ('method' in prepared) changes.push(prepared);
      else reads.push(prepared);
    } catch (error) {
      if (!(error instanceof FhirError)) throw error;
      refusals.push({ index: entry.index, status: error.status, issues: [...error.issues] });
    }
  }
  if (type === 'transaction') {
    if (refusals.length > 0)
      throw new FhirError(refusals[0].status, refusals.flatMap((refusal) => refusal.issues).slice(0, MAX_ISSUES));
    checkRecords(changes);
  }
  return { kind: type, entries: bundle.entries.length, changes, reads, refusals };
}

/** What a sender can mend at a time. */
const MAX_ISSUES = 100;

function isOfEntry({ expression }: Finding): boolean {
  return expression === '' || expression.startsWith('Bundle.entry[');
}

function prepareEntry(
  entry: BundleEntry,
  body: Buffer,
  recordFindings: boolean,
  targets: ReadonlyMap<string, string> | undefined,
  fullUrls: ReadonlyMap<string, string>,
): PreparedChange | PreparedRead {
  const { index, resource } = entry;
  const inResource = (finding: Finding): boolean => finding.expression.startsWith(`Bundle.entry[${index}].resource.`);
  const refusedAnyway = recordFindings
    ? [...entry.findings.filter((finding) => !inResource(finding)), ...recordable(entry.findings.filter(inResource))]
    : entry.findings;
  if (refusedAnyway.length > 0) throw new FhirError(400, refusedAnyway.map(toIssue));
  if (!entry.request)
    throw refusal(index, 'required', 'an entry of a batch or transaction must have a request', 'request');
  if (entry.request.method === 'GET') return { index, url: entry.request.url };
  const asked = askedOf(entry, entry.request);
  if (asked.method !== 'DELETE' && !resource)
    throw refusal(index, 'required', `a ${asked.method} must have a resource`, 'resource');
  if (!targets && resource?.references.some(({ value }) => fullUrls.has(value))) {
    throw refusal(
      index,
      'invalid',
      'an entry of a batch must not refer to another entry: send a transaction',
      'resource',
    );
  }
  return prepareChange(
    asked,
    asked.method === 'DELETE' ? undefined : resource,
    body,
    targets,
    recordFindings ? entry.findings : [],
  );
}

function askedOf({ index, fullUrl }: BundleEntry, request: BundleRequest): Asked {
  const { method, url } = request;
  if (!METHODS.has(method))
    throw refusal(index, 'not-supported', `the method ${method} is not supported in a Bundle here`, 'request.method');
  if (url.includes('?')) {
    throw refusal(
      index,
      'not-supported',
      'conditional updates and deletes are not supported: name the record by Type/id',
      'request.url',
    );
  }
  const [type, id, ...rest] = url.replace(/^\//, '').split('/');
  if (!isResourceType(type))
    throw refusal(index, 'not-found', 'the URL does not begin with a resource type of FHIR R4', 'request.url');
  if (method === 'POST' ? id !== undefined : id === undefined || !isResourceId(id) || rest.length > 0) {
    throw refusal(
      index,
      'invalid',
      `the URL of a ${method} must be ${method === 'POST' ? 'Type' : 'Type/id'}`,
      'request.url',
    );
  }
  return {
    index,
    method: method as Asked['method'],
    type,
    id,
    url,
    fullUrl,
    ifMatch:
      request.ifMatch === undefined
        ? undefined
        : parseEntityTag(request.ifMatch, `Bundle.entry[${index}].request.ifMatch`),
    ifNoneMatch: request.ifNoneMatch,
    ifNoneExist: method === 'POST' ? request.ifNoneExist : undefined,
  };
}

/** The resource type behind each fullUrl. @throws FhirError for a transaction that gives one twice. */
function targetsOf(entries: readonly BundleEntry[], isTransaction: boolean): Map<string, string> {
  const targets = new Map<string, string>();
  for (const { index, fullUrl, resource } of entries) {
    if (fullUrl === undefined) continue;
    if (isTransaction && targets.has(fullUrl))
      throw refusal(index, 'invalid', 'the fullUrl occurs twice in the transaction', 'fullUrl');
    targets.set(fullUrl, resource?.type ?? '');
  }
  return targets;
}

/** @throws FhirError for a transaction that changes one record twice. */
function checkRecords(changes: readonly PreparedChange[]): void {
  const seen = new Set<string>();
  for (const { index, type, id } of changes) {
    if (id === undefined) continue;
    const record = `${type}/${id}`;
    if (seen.has(record)) throw refusal(index!, 'invalid', 'the record occurs twice in the transaction', 'request.url');
    seen.add(record);
  }
}

function refusal(index: number, code: string, message: string, element: string): FhirError {
  return FhirError.of(400, code, message, `Bundle.entry[${index}].${element}`);
}
