import { Controller, Delete, Inject, Patch, Post, Put, Req, Res } from '@nestjs/common';
import { type Request, type Response } from 'express';
import { isResourceId, isResourceType } from '@chartledger/fhir';
import {
  ANONYMOUS,
  baseUrl,
  checkAccept,
  checkContentType,
  FhirError,
  requestIdOf,
  send,
  parseEntityTag,
} from '@chartledger/platform';
import { FhirReads } from '@chartledger/records';
import { bundleAnswer } from './bundle-answer.js';
import { changeAnswer, readReturnPreference, withFoundRecord } from './change-answer.js';
import { IngestService, type Ingested, type RequestContext } from './ingest.service.js';
import { type PrepareRequest } from './prepared.js';

const MAX_KEY_CHARACTERS = 255;

/** Everything that writes under `/fhir/{source}` (http://hl7.org/fhir/R4/http.html). */
@Controller('fhir')
export class FhirWritesController {
  constructor(
    @Inject(IngestService) private readonly service: IngestService,
    @Inject(FhirReads) private readonly reads: FhirReads,
  ) {}

  @Post(':source')
  async bundle(@Req() request: Request, @Res() response: Response): Promise<void> {
    const ingested = await this.ingest(request, { kind: 'bundle', method: 'POST', type: 'Bundle', id: undefined });
    const prefer = readReturnPreference(request.headers['prefer'] as string | undefined, 'minimal');
    send(response, await bundleAnswer(ANONYMOUS, this.reads, ingested, baseUrl(request, ingested.source.name), prefer));
  }

  @Post(':source/:type')
  async create(@Req() request: Request, @Res() response: Response): Promise<void> {
    await this.change(request, response, 'POST', undefined);
  }

  @Put(':source/:type/:id')
  async update(@Req() request: Request, @Res() response: Response): Promise<void> {
    await this.change(request, response, 'PUT', String(request.params['id']));
  }

  @Delete(':source/:type/:id')
  async remove(@Req() request: Request, @Res() response: Response): Promise<void> {
    await this.change(request, response, 'DELETE', String(request.params['id']));
  }

  @Patch(':source/:type/:id')
  patch(): void {
    throw FhirError.of(
      405,
      'not-supported',
      'PATCH is not supported in this version: read the record, change it, and PUT it with If-Match',
    );
  }

  @Put(':source/:type')
  conditionalUpdate(): void {
    throw FhirError.of(405, 'not-supported', 'conditional updates are not supported: name the record by Type/id');
  }

  @Delete(':source/:type')
  conditionalDelete(): void {
    throw FhirError.of(405, 'not-supported', 'conditional deletes are not supported: name the record by Type/id');
  }

  private async change(
    request: Request,
    response: Response,
    method: PrepareRequest['method'],
    id: string | undefined,
  ): Promise<void> {
    const type = String(request.params['type']);
    if (!isResourceType(type))
      throw FhirError.of(404, 'not-supported', 'the URL does not begin with a resource type of FHIR R4');
    if (id !== undefined && !isResourceId(id)) {
      throw FhirError.of(
        400,
        'value',
        'the id in the URL must be 1 to 64 letters, digits, hyphens and dots',
        `${type}.id`,
      );
    }
    const ingested = await this.ingest(request, { kind: 'resource', method, type, id });
    const prefer = readReturnPreference(request.headers['prefer'] as string | undefined, 'representation');
    const base = baseUrl(request, ingested.source.name);
    send(
      response,
      await withFoundRecord(ANONYMOUS, this.reads, ingested, base, prefer, changeAnswer(ingested, base, prefer)),
    );
  }

  private ingest(request: Request, asked: Pick<PrepareRequest, 'kind' | 'method' | 'type' | 'id'>): Promise<Ingested> {
    const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = request.headers;
    const ifNoneExist = request.headers['if-none-exist'];
    checkAccept(request);
    if (request.query['_asOf'] !== undefined) {
      throw FhirError.of(400, 'invalid', '_asOf asks for the past, which a write cannot change: leave it out');
    }
    if (asked.method !== 'DELETE') checkContentType(request);
    const source = String(request.params['source']);
    const body: Buffer = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const prepare = {
      ...asked,
      url: request.originalUrl.slice(`/fhir/${source}/`.length),
      ifMatch: ifMatch === undefined ? undefined : parseEntityTag(ifMatch),
      ifNoneMatch: typeof ifNoneMatch === 'string' ? ifNoneMatch : undefined,
      ifNoneExist:
        asked.kind === 'resource' && asked.method === 'POST' && typeof ifNoneExist === 'string'
          ? ifNoneExist
          : undefined,
    };
    return this.service.ingest(ANONYMOUS, source, prepare, body, requestContext(request));
  }
}

function requestContext(request: Request): RequestContext {
  const key = request.headers['idempotency-key'];
  if (key !== undefined && (typeof key !== 'string' || key.length === 0 || key.length > MAX_KEY_CHARACTERS)) {
    throw FhirError.of(400, 'value', `Idempotency-Key must have 1 to ${MAX_KEY_CHARACTERS} characters`);
  }
  const { traceparent } = request.headers;
  return {
    requestId: requestIdOf(request),
    idempotencyKey: key,
    traceparent: typeof traceparent === 'string' ? traceparent : undefined,
  };
}
