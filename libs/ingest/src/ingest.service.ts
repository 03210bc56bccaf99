import { createHmac } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { sha256 } from '@chartledger/ledger';
import { derivedUuid, extract, FhirError, isSampled, startSpan, type Actor } from '@chartledger/platform';
import { type Source, type SourceDirectory } from '@chartledger/records';
import { type Change, type Outcome, type Submission } from '@chartledger/sequence';
import { admit, type Admission } from './admission.js';
import { type PrepareThread } from './prepare-thread.js';
import { type Prepared, type PrepareRequest } from './prepared.js';
import { requireOneBatch } from './one-batch.js';

/** Takes a submission to the sequencer that owns its source's chain. */
export interface Submit {
  (submission: Submission): Promise<Outcome>;
}

/** What a request says of itself, beside what it asks for. */
export interface RequestContext {
  requestId: string;
  /** `Idempotency-Key`: the same request (method, URL, body) under the same key is the same submission. */
  idempotencyKey: string | undefined;
  /** The span of the request, W3C Trace Context. */
  traceparent?: string | undefined;
}

/** A request that was accepted, with what it asked for beside changes. */
export interface Ingested {
  source: Source;
  submission: Submission;
  outcome: Outcome;
  prepared: Exclude<Prepared, { refused: unknown }>;
}

const NO_CHANGES: Outcome = { results: [], seq: -1, repeated: false };

/** From a request's bytes to entries of the ledger: prepare, then submit. */
export class IngestService {
  constructor(
    private readonly sources: Pick<SourceDirectory, 'get'>,
    private readonly thread: PrepareThread,
    private readonly submit: Submit,
    private readonly pseudonymKey: Buffer,
    /** Whether a submission must fit into one record batch of Kafka, so that it is written whole or not at all. */
    private readonly inOneBatch = false,
    /** What clients may write to the system's own source. */
    private readonly admission: Admission = new Map(),
  ) {}

  /** @throws FhirError when the request is refused; nothing of it was written then. */
  async ingest(
    actor: Actor,
    sourceName: string,
    request: Omit<PrepareRequest, 'recordFindings'>,
    bytes: Buffer,
    context: RequestContext,
  ): Promise<Ingested> {
    const source = await this.sources.get(sourceName);
    const id = this.submissionId(source, request, context.idempotencyKey, bytes);
    const { prepared, body } = await this.prepare(
      { ...request, recordFindings: source.validation === 'record' },
      bytes,
      id,
      context,
    );
    if ('refused' in prepared) throw new FhirError(prepared.refused.status, prepared.refused.issues);
    const submission: Submission = {
      actor,
      source,
      id,
      repeatable: context.idempotencyKey !== undefined,
      requestId: context.requestId,
      kind: prepared.kind,
      changes: prepared.changes.map(({ start, end, ...change }): Change => ({
        ...change,
        text: body.subarray(start, end),
      })),
      ...(extract(context.traceparent) ? { traceparent: context.traceparent } : {}),
    };
    admit(sourceName, submission.changes, this.admission);
    if (this.inOneBatch) requireOneBatch(submission.changes);
    const outcome = submission.changes.length > 0 ? await this.submit(submission) : NO_CHANGES;
    return { source, submission, outcome, prepared };
  }

  private async prepare(
    request: PrepareRequest,
    bytes: Buffer,
    id: string,
    { traceparent }: RequestContext,
  ): Promise<{ prepared: Prepared; body: Buffer }> {
    const parent = extract(traceparent);
    const attributes = { 'chartledger.submission': id, 'chartledger.bytes': bytes.length };
    const span = isSampled(parent) ? startSpan('ingest prepare', { parent, attributes }) : undefined;
    try {
      return await this.thread.prepare(request, bytes);
    } finally {
      span?.end();
    }
  }

  /** Keyed, so that it tells nothing of the body and nobody can make it beforehand. */
  private submissionId(
    source: Source,
    { method, url }: Pick<PrepareRequest, 'method' | 'url'>,
    idempotencyKey: string | undefined,
    body: Buffer,
  ): string {
    if (idempotencyKey === undefined) return uuidv7();
    const hash = createHmac('sha256', this.pseudonymKey);
    hash.update(`submission\0${source.name}\0${method} ${url}\0${idempotencyKey}\0`).update(sha256(body));
    return derivedUuid(hash.digest());
  }
}
