import { Controller, Get, Inject, Param, Query, Req, Res } from '@nestjs/common';
import { type Request, type Response } from 'express';
import {
  ANONYMOUS,
  BadRequestError,
  baseUrl,
  JSON_TYPE,
  parameters,
  POSITION_HEADER,
  type Query as RequestQuery,
  send,
} from '@chartledger/platform';
import { rootOf } from '@chartledger/records';
import { type RecordName } from '../persons/person-entries.js';
import { type Positioned, PersonsService } from './persons.service.js';
import { personId, recordNamed } from './steward-request.js';
import { waterfallSvg } from './waterfall-svg.js';

/** Who is whom and why, for stewards and auditors. */
@Controller('persons')
export class PersonsController {
  constructor(@Inject(PersonsService) private readonly persons: PersonsService) {}

  @Get('waterfall')
  async waterfall(@Query() query: RequestQuery, @Req() request: Request, @Res() response: Response): Promise<void> {
    const given = parameters(query, ['left', 'right', 'format', ...AS_OF]);
    const root = rootOf(baseUrl(request, 'chartledger'));
    const left = record('left', given['left'], root);
    const right = record('right', given['right'], root);
    if (left === right) throw new BadRequestError('left and right must be two records');
    const isSvg = readFormat(given['format'], request) === 'svg';
    const { value, position } = await this.persons.waterfall(ANONYMOUS, left, right, asOfOf(given));
    if (!isSvg) return answer(response, { value, position });
    const headers = { 'Content-Type': 'image/svg+xml; charset=utf-8', [POSITION_HEADER]: position };
    send(response, { status: 200, headers, body: waterfallSvg(value) });
  }

  @Get(':id')
  async person(@Param('id') id: string, @Query() query: RequestQuery, @Res() response: Response): Promise<void> {
    answer(response, await this.persons.person(ANONYMOUS, personId(id), asOfOf(parameters(query, AS_OF))));
  }

  @Get(':id/decisions')
  async story(@Param('id') id: string, @Query() query: RequestQuery, @Res() response: Response): Promise<void> {
    answer(response, await this.persons.story(ANONYMOUS, personId(id), asOfOf(parameters(query, AS_OF))));
  }
}

/** As under `/lineage` and as under `/fhir`. */
const AS_OF = ['asOf', '_asOf'];

function answer(response: Response, { value, position }: Positioned<object>): void {
  const headers = { 'Content-Type': JSON_TYPE, [POSITION_HEADER]: position };
  send(response, { status: 200, headers, body: JSON.stringify(value) });
}

function asOfOf(given: Readonly<Record<string, string | undefined>>): string | undefined {
  const { asOf, _asOf } = given;
  if (asOf !== undefined && _asOf !== undefined) throw new BadRequestError('asOf and _asOf are one: give either');
  return asOf ?? _asOf;
}

function record(name: string, value: string | undefined, root: string): RecordName {
  const found = value === undefined ? undefined : recordNamed(value, root);
  if (found) return found;
  throw new BadRequestError(`${name} must name a Patient record, such as st-mary/Patient/p1, or be its URL here`);
}

function readFormat(format: string | undefined, request: Request): 'json' | 'svg' {
  if (format === 'json' || format === 'svg') return format;
  if (format !== undefined) throw new BadRequestError('format must be json or svg');
  return request.accepts(['application/json', 'image/svg+xml']) === 'image/svg+xml' ? 'svg' : 'json';
}
