import { Controller, Get, Inject, Post, Res } from '@nestjs/common';
import { type Response } from 'express';
import { ANONYMOUS, JSON_TYPE, send } from '@chartledger/platform';
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
