import { Controller, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { type Request, type Response } from 'express';
import {
  ANONYMOUS,
  baseUrl,
  checkAccept,
  checkContentType,
  FhirError,
  FHIR_JSON,
  POSITION_HEADER,
  requestIdOf,
  send,
} from '@chartledger/platform';
import { bodyParameters, queryParameters, readEvaluateRequest, type GivenParameter } from './evaluate-request.js';
import { MeasureService } from './measure.service.js';
import { type StoredReport } from './report-store.js';
import { readSeriesRequest } from './series-request.js';

const SOURCE = 'chartledger';

/** `$evaluate-measure` of one Measure, and of the type with the parameter `measure`; and `$series`, a measure over time. */
@Controller('fhir/chartledger/Measure')
export class MeasureController {
  constructor(@Inject(MeasureService) private readonly measures: MeasureService) {}

  @Get(':id/$evaluate-measure')
  ofMeasure(@Param('id') id: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    return this.evaluate(id, request, response);
  }

  @Post(':id/$evaluate-measure')
  postOfMeasure(@Param('id') id: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    return this.evaluate(id, request, response);
  }

  @Get('$evaluate-measure')
  ofType(@Req() request: Request, @Res() response: Response): Promise<void> {
    return this.evaluate(undefined, request, response);
  }

  @Post('$evaluate-measure')
  postOfType(@Req() request: Request, @Res() response: Response): Promise<void> {
    return this.evaluate(undefined, request, response);
  }

  @Get(':id/$series')
  series(@Param('id') id: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    return this.answerSeries(id, request, response);
  }

  @Post(':id/$series')
  postSeries(@Param('id') id: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    return this.answerSeries(id, request, response);
  }

  private async answerSeries(id: string, request: Request, response: Response): Promise<void> {
    checkAccept(request);
    const asked = readSeriesRequest(id, parametersOf(request), this.measures.now());
    const reports = await this.measures.series(ANONYMOUS, asked, requestIdOf(request));
    send(response, {
      status: 200,
      headers: {
        'Content-Type': FHIR_JSON,
        ...(reports.length > 0 ? { [POSITION_HEADER]: reports.at(-1)!.positions } : {}),
      },
      body: collection(baseUrl(request, SOURCE), reports),
    });
  }

  private async evaluate(id: string | undefined, request: Request, response: Response): Promise<void> {
    checkAccept(request);
    const asked = readEvaluateRequest(id, parametersOf(request));
    const reports = await this.measures.evaluate(ANONYMOUS, asked, requestIdOf(request));
    const isOne = asked.reportType !== 'individual' || asked.subject !== undefined;
    const base = baseUrl(request, SOURCE);
    send(response, {
      status: 200,
      headers: {
        'Content-Type': FHIR_JSON,
        ...(reports[0] ? { [POSITION_HEADER]: reports[0].positions } : {}),
        ...(isOne ? { 'Content-Location': `${base}/MeasureReport/${reports[0].id}` } : {}),
      },
      body: isOne ? reports[0].text : collection(base, reports),
    });
  }
}

/** Those of the URL and, of a POST, those of the body. */
export function parametersOf(request: Request): GivenParameter[] {
  const query = queryParameters(new URLSearchParams(request.originalUrl.split('?')[1] ?? '')).filter(
    ({ name }) => name !== '_format' && name !== '_pretty',
  );
  const body = request.body as unknown;
  if (request.method !== 'POST' || !Buffer.isBuffer(body) || body.length === 0) return query;
  checkContentType(request);
  try {
    return [...query, ...bodyParameters(JSON.parse(body.toString('utf8')))];
  } catch (error) {
    if (error instanceof SyntaxError) throw FhirError.of(400, 'structure', 'the body is no JSON', 'Parameters');
    throw error;
  }
}

function collection(base: string, reports: readonly StoredReport[]): string {
  const entries = reports.map(
    ({ id, text }) =>
      `{"fullUrl":${JSON.stringify(`${base}/MeasureReport/${id}`)},"resource":${text.toString('utf8')}}`,
  );
  return `{"resourceType":"Bundle","type":"collection"${entries.length > 0 ? `,"entry":[${entries.join(',')}]` : ''}}`;
}
