import { Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import { type Request, type Response } from 'express';
import { ANONYMOUS, checkContentType, JSON_TYPE, POSITION_HEADER, send } from '@chartledger/platform';
import { ModelAdoption } from '../online/model-adoption.js';
import { readModelRequest } from './model-request.js';
import { ModelStatus } from './model-status.js';

/** The model that patients are matched by, for who changes it. */
@Controller('persons/model')
export class ModelController {
  constructor(@Inject(ModelAdoption) private readonly adoption: ModelAdoption) {}

  @Post()
  async adopt(@Req() request: Request, @Res() response: Response): Promise<void> {
    checkContentType(request);
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const adopted = await this.adoption.adopt(ANONYMOUS, readModelRequest(body));
    const headers = { 'Content-Type': JSON_TYPE, [POSITION_HEADER]: adopted.position };
    send(response, { status: 201, headers, body: JSON.stringify(adopted) });
  }
}

/** The same, for who asks. */
@Controller('persons/model')
export class ModelStatusController {
  constructor(@Inject(ModelStatus) private readonly models: ModelStatus) {}

  @Get()
  async status(@Res() response: Response): Promise<void> {
    const { value, position } = await this.models.status(ANONYMOUS);
    const headers = { 'Content-Type': JSON_TYPE, [POSITION_HEADER]: position };
    send(response, { status: 200, headers, body: JSON.stringify(value) });
  }
}
