import { formatPosition } from '@chartledger/ledger';
import {
  ChartledgerError,
  FHIR_JSON,
  FhirError,
  operationOutcome,
  POSITION_HEADER,
  type Actor,
  type Answer,
  entityTag,
} from '@chartledger/platform';
import { bundleText, type EntryText, type FhirReads } from '@chartledger/records';
import { type ChangeResult } from '@chartledger/sequence';
import { representationOf, type ReturnPreference } from './change-answer.js';
import { type Ingested } from './ingest.service.js';
import { type Refusal } from './prepared.js';

/** The answer to a batch or transaction: one entry for each of its entries, in their order. */
export async function bundleAnswer(
  actor: Actor,
  reads: FhirReads,
  ingested: Ingested,
  base: string,
  prefer: ReturnPreference,
): Promise<Answer> {
  const { prepared, submission, outcome, source } = ingested;
  const entries: EntryText[] = new Array<EntryText>(prepared.entries);
  outcome.results.forEach((result, at) => (entries[submission.changes[at].index!] = resultEntry(result, base, prefer)));
  for (const refusal of prepared.refusals) entries[refusal.index] = refusedEntry(refusal);
  // Reads come last (http://hl7.org/fhir/R4/http.html#trules): they see what the same Bundle has changed.
  for (const { index, url } of prepared.reads) entries[index] = await readEntry(actor, reads, source.name, url, base);
  const headers: Record<string, string> = { 'Content-Type': FHIR_JSON };
  if (outcome.seq >= 0) headers[POSITION_HEADER] = formatPosition(source.chain, outcome.seq);
  if (outcome.repeated) headers['Idempotent-Replayed'] = 'true';
  return { status: 200, headers, body: bundleText({ type: `${prepared.kind}-response` }, entries) };
}

function resultEntry(result: ChangeResult, base: string, prefer: ReturnPreference): EntryText {
  if (result instanceof FhirError) return refusedEntry(result);
  const { status, type, id, version, lastModified } = result;
  const location = `${base}/${type}/${id}/_history/${version}`;
  const response = {
    status: STATUS_TEXT[status],
    ...(status === 204 ? {} : { location }),
    etag: entityTag(version),
    lastModified,
  };
  return { resource: prefer === 'representation' ? representationOf(result) : undefined, rest: { response } };
}

function refusedEntry({ status, issues }: Refusal | FhirError): EntryText {
  return { rest: { response: { status: STATUS_TEXT[status] ?? String(status), outcome: operationOutcome(issues) } } };
}

async function readEntry(
  actor: Actor,
  reads: FhirReads,
  source: string,
  url: string,
  base: string,
): Promise<EntryText> {
  try {
    const { status, body, headers } = await reads.get(actor, source, url, { base });
    const response = { status: STATUS_TEXT[status], etag: headers['ETag'], location: headers['Location'] };
    return { resource: typeof body === 'string' ? Buffer.from(body) : body, rest: { response } };
  } catch (error) {
    if (!(error instanceof ChartledgerError)) throw error;
    const issues =
      error instanceof FhirError
        ? error.issues
        : [{ severity: 'error' as const, code: error.code, diagnostics: error.message }];
    return refusedEntry({ status: error.status, issues: [...issues] });
  }
}

const STATUS_TEXT: Readonly<Record<number, string>> = {
  200: '200 OK',
  201: '201 Created',
  204: '204 No Content',
  304: '304 Not Modified',
  400: '400 Bad Request',
  404: '404 Not Found',
  409: '409 Conflict',
  410: '410 Gone',
  412: '412 Precondition Failed',
};
