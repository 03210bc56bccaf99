import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { type Request, type Response } from 'express';
import { ANONYMOUS, baseUrl, checkAccept, send } from '@chartledger/platform';
import { FhirReads } from './fhir-reads.js';

/** Everything that is read under `/fhir/{source}`. */
@Controller('fhir')
export class FhirReadsController {
  constructor(@Inject(FhirReads) private readonly reads: FhirReads) {}

  @Get(':source/*url')
  async get(@Req() request: Request, @Res() response: Response): Promise<void> {
    checkAccept(request);
    const source = String(request.params['source']);
    const url = request.originalUrl.slice(`/fhir/${source}/`.length);
    send(
      response,
      await this.reads.get(ANONYMOUS, source, url, { ...readContext(request), base: baseUrl(request, source) }),
    );
  }
}

function readContext(request: Request): { ifNoneMatch?: string; ifModifiedSince?: string; strict: boolean } {
  const { 'if-none-match': ifNoneMatch, 'if-modified-since': ifModifiedSince, prefer } = request.headers;
  return { ifNoneMatch, ifModifiedSince, strict: /(^|[;,\s])handling=strict/.test(String(prefer ?? '')) };
}
