import { formatPosition } from '@chartledger/ledger';
import {
  FHIR_JSON,
  FhirError,
  operationOutcome,
  POSITION_HEADER,
  type Actor,
  type Answer,
  entityTag,
} from '@chartledger/platform';
import { servedText } from '@chartledger/projection';
import { type FhirReads } from '@chartledger/records';
import { type Accepted } from '@chartledger/sequence';
import { type Ingested } from './ingest.service.js';

/** `Prefer: return=…` (http://hl7.org/fhir/R4/http.html#return). */
export type ReturnPreference = 'minimal' | 'representation' | 'OperationOutcome';

export function readReturnPreference(prefer: string | undefined, otherwise: ReturnPreference): ReturnPreference {
  const match = /(?:^|[;,\s])return=(minimal|representation|OperationOutcome)/.exec(prefer ?? '');
  return match ? (match[1] as ReturnPreference) : otherwise;
}

/** The resource as it is served now, or undefined for a deletion and where nothing was recorded. */
export function representationOf({ received, status, version, lastModified }: Accepted): Buffer | undefined {
  if (!received || status === 204) return undefined;
  return servedText({ version, time: lastModified }, received.header, received.text);
}

/** The answer to a request that changed one record. @throws FhirError when the change was refused. */
export function changeAnswer({ source, outcome }: Ingested, base: string, prefer: ReturnPreference): Answer {
  const [result] = outcome.results;
  if (result instanceof FhirError) throw result;
  const headers: Record<string, string> = {
    [POSITION_HEADER]: formatPosition(source.chain, outcome.seq),
    ...(outcome.repeated ? { 'Idempotent-Replayed': 'true' } : {}),
  };
  if (result.status !== 204 || result.version > 0) headers['ETag'] = entityTag(result.version);
  if (result.status === 204) return { status: 204, headers };
  headers['Last-Modified'] = new Date(result.lastModified).toUTCString();
  headers['Location'] = `${base}/${result.type}/${result.id}/_history/${result.version}`;
  const body = answerBody(result, prefer);
  return { status: result.status, headers: body ? { ...headers, 'Content-Type': FHIR_JSON } : headers, body };
}

/** A change that found a version of before (a conditional create, a repeated confirmation) shows it, which is read for it. */
export async function withFoundRecord(
  actor: Actor,
  reads: FhirReads,
  { outcome, source }: Ingested,
  base: string,
  prefer: ReturnPreference,
  answer: Answer,
): Promise<Answer> {
  const [result] = outcome.results;
  if (prefer !== 'representation' || answer.status !== 200 || answer.body || result instanceof FhirError) return answer;
  const { body } = await reads.get(actor, source.name, `${result.type}/${result.id}/_history/${result.version}`, {
    base,
  });
  return { ...answer, headers: { ...answer.headers, 'Content-Type': FHIR_JSON }, body };
}

function answerBody(result: Accepted, prefer: ReturnPreference): Buffer | string | undefined {
  if (prefer === 'minimal') return undefined;
  if (prefer === 'representation') return representationOf(result);
  const findings = result.received?.header.findings ?? [];
  const issues = findings.map(({ code, expression, message }) => ({
    severity: 'warning' as const,
    code,
    diagnostics: message,
    expression: [expression],
  }));
  const accepted = { severity: 'information' as const, code: 'informational', diagnostics: 'the change was accepted' };
  return JSON.stringify(operationOutcome(issues.length > 0 ? issues : [accepted]));
}
