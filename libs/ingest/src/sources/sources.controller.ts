import { Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import { type Request, type Response } from 'express';
import { ANONYMOUS, BadRequestError, JSON_TYPE, requestIdOf, send } from '@chartledger/platform';
import { SourceDirectory } from '@chartledger/records';
import { SourceRegistrar } from './register-source.js';

@Controller('sources')
export class SourcesController {
  constructor(
    @Inject(SourceRegistrar) private readonly registrar: SourceRegistrar,
    @Inject(SourceDirectory) private readonly sources: SourceDirectory,
  ) {}

  @Post()
  async register(@Req() request: Request, @Res() response: Response): Promise<void> {
    const { source, created } = await this.registrar.register(ANONYMOUS, parse(request.body), requestIdOf(request));
    send(response, {
      status: created ? 201 : 200,
      headers: { 'Content-Type': JSON_TYPE },
      body: JSON.stringify(source),
    });
  }

  @Get()
  async all(@Res() response: Response): Promise<void> {
    send(response, {
      status: 200,
      headers: { 'Content-Type': JSON_TYPE },
      body: JSON.stringify(await this.sources.all()),
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
