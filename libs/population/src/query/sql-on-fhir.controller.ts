import { Controller, Delete, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { type Request, type Response } from 'express';
import { createReadStream } from 'node:fs';
import { readFile, rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import {
  ANONYMOUS,
  baseUrl,
  checkContentType,
  FHIR_JSON,
  FhirError,
  operationOutcome,
  POSITION_HEADER,
  requestIdOf,
  send,
} from '@chartledger/platform';
import { SYSTEM_SOURCE } from '@chartledger/ledger';
import { chosenFormat, wantsBinary } from './answer-format.js';
import { type Deidentified } from '../deidentify/deidentification.js';
import { deidentifiedHeader } from './deidentified-header.js';
import { exportManifest } from './export-manifest.js';
import { readParameters, type Parameter } from './parameters.js';
import { type ExportState } from './population.js';
import { written } from './publish-parquet.js';
import { PSEUDONYMIZED } from './row-formats.js';
import { SqlOnFhir } from './sql-on-fhir.js';
import { readExport, readRun } from './sql-request.js';

/** A larger answer is not wrapped in a Binary: base64 makes it a third larger, and it is in memory at once. */
const MAX_BINARY_BYTES = 16 * 1024 * 1024;
const RETRY_SECONDS = 1;

/** `$sql-run` and `$sql-export` of SQL on FHIR 3.0. */
@Controller('fhir/chartledger')
export class SqlOnFhirController {
  constructor(@Inject(SqlOnFhir) private readonly sql: SqlOnFhir) {}

  @Post('$sql-run')
  async post(@Req() request: Request, @Res() response: Response): Promise<void> {
    await this.run(bodyParameters(request), request, response);
  }

  @Get('$sql-run')
  async get(@Req() request: Request, @Res() response: Response): Promise<void> {
    await this.run(queryParameters(request), request, response);
  }

  @Post('$sql-export')
  async begin(@Req() request: Request, @Res() response: Response): Promise<void> {
    if (!/(^|[,\s])respond-async/.test(String(request.headers.prefer ?? ''))) {
      throw FhirError.of(400, 'required', 'an export is asynchronous: send Prefer: respond-async');
    }
    const asked = readExport(bodyParameters(request));
    const id = await this.sql.startExport(ANONYMOUS, asked, asked.format ?? 'ndjson', requestIdOf(request));
    const location = this.exportUrl(request, id);
    const parameter = [
      { name: 'exportId', valueString: id },
      { name: 'status', valueCode: 'accepted' },
      { name: 'location', valueUri: location },
    ];
    send(response, {
      status: 202,
      headers: { 'Content-Type': FHIR_JSON, 'Content-Location': location },
      body: JSON.stringify({ resourceType: 'Parameters', parameter }),
    });
  }

  @Get('$sql-export')
  refuse(): void {
    throw FhirError.of(400, 'required', 'an export is begun by POST with a Parameters resource');
  }

  @Get('$sql-export/:id')
  async poll(@Param('id') id: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    const state = await this.stateOf(id);
    if (state.state !== 'running') {
      send(response, { status: 303, headers: { Location: `${this.exportUrl(request, id)}/result` } });
      return;
    }
    const progress = `${state.done} of ${state.total} subjects`;
    const parameter = [
      { name: 'exportId', valueString: id },
      { name: 'status', valueCode: 'in-progress' },
    ];
    send(response, {
      status: 202,
      headers: { 'Content-Type': FHIR_JSON, 'Retry-After': String(RETRY_SECONDS), 'X-Progress': progress },
      body: JSON.stringify({ resourceType: 'Parameters', parameter }),
    });
  }

  @Get('$sql-export/:id/result')
  async result(@Param('id') id: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    const state = await this.stateOf(id);
    const headers = {
      'Content-Type': FHIR_JSON,
      ...(state.positions ? { [POSITION_HEADER]: written(state.positions) } : {}),
    };
    if (state.failure) {
      const { status, issues } = state.failure;
      send(response, { status, headers, body: JSON.stringify(operationOutcome(issues)) });
      return;
    }
    if (state.state !== 'done') throw noExport();
    const manifest = exportManifest(state, this.exportUrl(request, id));
    send(response, { status: 200, headers, body: JSON.stringify(manifest) });
  }

  @Get('$sql-export/:id/files/:name')
  async file(@Param('id') id: string, @Param('name') name: string, @Res() response: Response): Promise<void> {
    const state = await this.stateOf(id);
    const output = state.outputs?.find(({ file }) => file.endsWith(`/${name}`));
    if (!output) throw noExport();
    const { size } = await stat(output.file);
    await stream(response, { ...output, bytes: size, positions: state.positions ?? [] });
  }

  @Delete('$sql-export/:id')
  async cancel(@Param('id') id: string, @Res() response: Response): Promise<void> {
    if (!(await this.sql.cancelExport(ANONYMOUS, id))) throw noExport();
    send(response, { status: 202, headers: {} });
  }

  private async run(parameters: readonly Parameter[], request: Request, response: Response): Promise<void> {
    const asked = readRun(parameters);
    const accept = request.headers.accept;
    const answer = await this.sql.run(ANONYMOUS, asked, chosenFormat(asked, accept), requestIdOf(request));
    try {
      if (wantsBinary(asked, accept)) await sendBinary(response, answer);
      else await stream(response, answer);
    } finally {
      await rm(answer.file, { force: true });
    }
  }

  private exportUrl(request: Request, id: string): string {
    return `${baseUrl(request, SYSTEM_SOURCE)}/$sql-export/${id}`;
  }

  private async stateOf(id: string): Promise<ExportState> {
    const state = await this.sql.exportState(ANONYMOUS, id);
    if (!state) throw noExport();
    return state;
  }
}

interface FileAnswer {
  file: string;
  bytes: number;
  mediaType: string;
  positions: Iterable<readonly [number, number]>;
  deidentified?: Deidentified;
}

async function stream(response: Response, answer: FileAnswer): Promise<void> {
  const { file, bytes, mediaType, positions, deidentified } = answer;
  response.status(200);
  response.setHeader('Content-Type', mediaType);
  response.setHeader('Content-Length', bytes);
  response.setHeader(POSITION_HEADER, written(positions));
  for (const [name, value] of Object.entries(deidentifiedHeader(deidentified))) response.setHeader(name, value);
  // A client that goes away is no failure of ours.
  await pipeline(createReadStream(file), response).catch(() => undefined);
}

async function sendBinary(response: Response, answer: FileAnswer): Promise<void> {
  const { file, bytes, mediaType, positions, deidentified } = answer;
  if (bytes > MAX_BINARY_BYTES) {
    throw FhirError.of(406, 'not-supported', `the answer is too large for a Binary: accept ${mediaType.split(';')[0]}`);
  }
  const data = (await readFile(file)).toString('base64');
  send(response, {
    status: 200,
    headers: { 'Content-Type': FHIR_JSON, [POSITION_HEADER]: written(positions), ...deidentifiedHeader(deidentified) },
    body: JSON.stringify({
      resourceType: 'Binary',
      ...(deidentified ? { meta: PSEUDONYMIZED } : {}),
      contentType: mediaType.split(';')[0],
      data,
    }),
  });
}

function bodyParameters(request: Request): Parameter[] {
  checkContentType(request);
  try {
    return readParameters(JSON.parse((request.body as Buffer).toString('utf8')));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw FhirError.of(400, 'structure', 'the body is no JSON: send a Parameters resource');
  }
}

/** What carries a resource cannot be in a URL. */
const RESOURCES = ['subjectResource', 'parameters', 'context', 'resource'];

function queryParameters(request: Request): Parameter[] {
  const query = new URL(request.originalUrl, 'http://localhost').searchParams;
  return [...query].map(([name, value]) => {
    if (RESOURCES.includes(name)) throw FhirError.of(400, 'invalid', `${name} carries a resource: use POST`, name);
    return { name, valueString: value };
  });
}

function noExport(): FhirError {
  return FhirError.of(
    404,
    'not-found',
    'there is no such export: it was cancelled, or its files were removed after a day',
  );
}
