import { Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import { type Request, type Response } from 'express';
import { isResourceId } from '@chartledger/fhir';
import {
  ANONYMOUS,
  type Answer,
  baseUrl,
  checkAccept,
  checkContentType,
  FhirError,
  NotFoundError,
  send,
} from '@chartledger/platform';
import { rootOf } from '@chartledger/records';
import { PatientMatching } from './patient-matching.js';
import { PersonOperations } from './person-operations.js';
import { pixQuery } from './pix-request.js';

const SYSTEM_BASE = 'chartledger';

/** The operations on persons under `/fhir`. MUST be registered before the controllers that take every URL there. */
@Controller('fhir')
export class FhirMatchingController {
  constructor(
    @Inject(PersonOperations) private readonly operations: PersonOperations,
    @Inject(PatientMatching) private readonly matching: PatientMatching,
  ) {}

  @Post(`${SYSTEM_BASE}/Patient/$match`)
  async match(@Req() request: Request, @Res() response: Response): Promise<void> {
    checkContentType(request);
    if (request.query['_asOf'] !== undefined) throw FhirError.of(400, 'not-supported', NOT_AS_OF, '_asOf');
    await this.answer(request, response, (root) => this.matching.match(ANONYMOUS, bodyOf(request), root));
  }

  @Get(`${SYSTEM_BASE}/Patient/$ihe-pix`)
  async crossReference(@Req() request: Request, @Res() response: Response): Promise<void> {
    await this.answer(request, response, (root) => this.operations.crossReference(ANONYMOUS, queryOf(request), root));
  }

  /** For those who keep identifiers out of URLs. */
  @Post(`${SYSTEM_BASE}/Patient/$ihe-pix`)
  async crossReferencePosted(@Req() request: Request, @Res() response: Response): Promise<void> {
    checkContentType(request);
    const query = pixQuery(bodyOf(request), queryOf(request));
    await this.answer(request, response, (root) => this.operations.crossReference(ANONYMOUS, query, root));
  }

  @Get(`${SYSTEM_BASE}/Person/:id/$everything`)
  async everything(@Req() request: Request, @Res() response: Response): Promise<void> {
    const id = idOf(request);
    await this.answer(request, response, (root) => this.operations.everything(ANONYMOUS, id, queryOf(request), root));
  }

  @Get(':source/Patient/:id/$person')
  async person(@Req() request: Request, @Res() response: Response): Promise<void> {
    const id = idOf(request);
    const source = String(request.params['source']);
    const query = queryOf(request);
    for (const name of query.keys()) {
      if (!['_asOf', '_format', '_pretty'].includes(name))
        throw FhirError.of(400, 'not-supported', '$person takes _asOf and nothing else');
    }
    const asOf = query.get('_asOf') ?? undefined;
    await this.answer(request, response, (root) => this.operations.personOf(ANONYMOUS, source, id, asOf, root));
  }

  private async answer(request: Request, response: Response, ask: (root: string) => Promise<Answer>): Promise<void> {
    checkAccept(request);
    send(response, await ask(rootOf(baseUrl(request, SYSTEM_BASE))));
  }
}

const NOT_AS_OF =
  'records can be looked for among the current ones only: leave _asOf out, and ask as of a moment with $person, Person or $ihe-pix';

function bodyOf(request: Request): Buffer {
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
}

function queryOf(request: Request): URLSearchParams {
  return new URL(request.originalUrl, 'http://localhost').searchParams;
}

function idOf(request: Request): string {
  const id = String(request.params['id']);
  if (isResourceId(id)) return id;
  throw new NotFoundError('there is nothing at this URL: an id is 1 to 64 letters, digits, hyphens and dots');
}
