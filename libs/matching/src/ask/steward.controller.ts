import { Controller, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { type Request, type Response } from 'express';
import { ANONYMOUS, baseUrl, checkContentType, JSON_TYPE, POSITION_HEADER, send } from '@chartledger/platform';
import { rootOf } from '@chartledger/records';
import { personId, readStewardCommand } from './steward-request.js';
import { Stewarding } from './stewarding.js';

/** What stewards decide. */
@Controller('persons')
export class StewardController {
  constructor(@Inject(Stewarding) private readonly stewarding: Stewarding) {}

  @Post(':id/decisions')
  async decide(@Param('id') id: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    checkContentType(request);
    personId(id);
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const command = readStewardCommand(id, body, rootOf(baseUrl(request, 'chartledger')));
    const outcome = await this.stewarding.decide(ANONYMOUS, id, command);
    const headers = { 'Content-Type': JSON_TYPE, [POSITION_HEADER]: outcome.position };
    send(response, { status: 201, headers, body: JSON.stringify(outcome) });
  }
}
