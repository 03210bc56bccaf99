import { createHmac } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { sha256 } from '@chartledger/ledger';
import { FhirError, type Actor } from '@chartledger/platform';
import { type Source, type SourceDirectory } from '@chartledger/records';
import { type Change, type Outcome, type Submission } from '@chartledger/sequence';
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
    private readonly sources: SourceDirectory,
    private readonly thread: PrepareThread,
    private readonly submit: Submit,
    private readonly pseudonymKey: Buffer,
    /** Whether a submission must fit into one record batch of Kafka, so that it is written whole or not at all. */
    private readonly inOneBatch = false,
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
    const { prepared, body } = await this.thread.prepare(
      { ...request, recordFindings: source.validation === 'record' },
      bytes,
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
    };
    if (this.inOneBatch) requireOneBatch(submission.changes);
    const outcome = submission.changes.length > 0 ? await this.submit(submission) : NO_CHANGES;
    return { source, submission, outcome, prepared };
  }

  /** A UUID of version 8 (RFC 9562): keyed, so that it tells nothing of the body and nobody can make it beforehand. */
  private submissionId(
    source: Source,
    { method, url }: Pick<PrepareRequest, 'method' | 'url'>,
    idempotencyKey: string | undefined,
    body: Buffer,
  ): string {
    if (idempotencyKey === undefined) return uuidv7();
    const hash = createHmac('sha256', this.pseudonymKey);
    hash.update(`submission\0${source.name}\0${method} ${url}\0${idempotencyKey}\0`).update(sha256(body));
    const bytes = hash.digest().subarray(0, 16);
    bytes[6] = (bytes[6] & 0x0f) | 0x80;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  }
}
