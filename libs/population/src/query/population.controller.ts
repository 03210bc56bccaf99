import { Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import { type Request, type Response } from 'express';
import { ANONYMOUS, BadRequestError, JSON_TYPE, requestIdOf, send } from '@chartledger/platform';
import { type PopulationStatus } from '../live/status.js';
import { SqlOnFhir } from './sql-on-fhir.js';

/** What an operator sees and does of the live views. */
@Controller('population')
export class PopulationController {
  constructor(@Inject(SqlOnFhir) private readonly sql: SqlOnFhir) {}

  @Get('status')
  status(): Promise<PopulationStatus> {
    return this.sql.status(ANONYMOUS);
  }

  /** Records a project and how its dates are shown, before its first question does. */
  @Post('projects')
  async project(@Req() request: Request, @Res() response: Response): Promise<void> {
    const { project, created } = await this.sql.recordProject(ANONYMOUS, parse(request.body), requestIdOf(request));
    send(response, {
      status: created ? 201 : 200,
      headers: { 'Content-Type': JSON_TYPE },
      body: JSON.stringify(project),
    });
  }

  /** Writes the live views as Parquet and answers with the manifest's path on the server. */
  @Post('parquet')
  async publish(@Res() response: Response): Promise<void> {
    const manifest = await this.sql.publish(ANONYMOUS);
    send(response, { status: 201, headers: { 'Content-Type': JSON_TYPE }, body: JSON.stringify({ manifest }) });
  }

  /** Begins to make every view anew from the ledger, beside those that are read. */
  @Post('rebuild')
  async rebuild(@Res() response: Response): Promise<void> {
    await this.sql.rebuild(ANONYMOUS);
    send(response, {
      status: 202,
      headers: { 'Content-Type': JSON_TYPE },
      body: JSON.stringify({ status: '/population/status' }),
    });
  }
}

function parse(body: unknown): unknown {
  try {
    return JSON.parse(Buffer.isBuffer(body) ? body.toString('utf8') : '');
  } catch {
    throw new BadRequestError('the body is not JSON: send {"name": …}');
  }
}
