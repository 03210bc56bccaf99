import { Controller, Inject, Post, Req, Res } from '@nestjs/common';
import { type Request, type Response } from 'express';
import { ANONYMOUS, BadRequestError, JSON_TYPE, POSITION_HEADER, send } from '@chartledger/platform';
import { CountsService } from './counts.service.js';

@Controller('population')
export class CountsController {
  constructor(@Inject(CountsService) private readonly service: CountsService) {}

  @Post('counts')
  async counts(@Req() request: Request, @Res() response: Response): Promise<void> {
    const answer = await this.service.counts(ANONYMOUS, parse(request.body));
    send(response, {
      status: 200,
      headers: { 'Content-Type': JSON_TYPE, [POSITION_HEADER]: answer.positions.join() },
      body: JSON.stringify(answer),
    });
  }
}

function parse(body: unknown): unknown {
  try {
    return JSON.parse(Buffer.isBuffer(body) ? body.toString('utf8') : '');
  } catch {
    throw new BadRequestError('the body is not JSON: send {"view": …, "dimensions": […], "filters": […]}');
  }
}
