import { Controller, Get, Inject, Param, Query, Req, Res } from '@nestjs/common';
import { type Request, type Response } from 'express';
import { FormatError, parseTilePath, TILE_WIDTH, type TileName } from '@chartledger/ledger';
import { BadRequestError, JSON_TYPE, NotFoundError, send } from '@chartledger/platform';
import { LedgerAudit } from './ledger-audit.js';

const TEXT = 'text/plain; charset=utf-8';
const BYTES = 'application/octet-stream';
/** What is complete never changes. */
const FOREVER = 'public, max-age=31536000, immutable';
const NOW = 'no-cache';

/** The ledger, read-only, per chain, in the formats of C2SP (tlog-tiles, tlog-checkpoint, tlog-proof). */
@Controller('ledger')
export class LedgerController {
  constructor(@Inject(LedgerAudit) private readonly audit: LedgerAudit) {}

  @Get('keys')
  keys(@Res() response: Response): void {
    answer(response, TEXT, this.audit.keys(), NOW);
  }

  @Get('chains')
  async chains(@Res() response: Response): Promise<void> {
    answer(response, JSON_TYPE, JSON.stringify(await this.audit.chains()), NOW);
  }

  @Get('chains/:chain/checkpoint')
  async checkpoint(@Param('chain') chain: string, @Res() response: Response): Promise<void> {
    answer(response, TEXT, await this.audit.checkpoint(count(chain)), NOW);
  }

  @Get('chains/:chain/checkpoints')
  async checkpoints(
    @Param('chain') chain: string,
    @Query('from') from: string,
    @Query('to') to: string,
    @Res() response: Response,
  ): Promise<void> {
    const found = await this.audit.checkpoints(count(chain), optionalCount('from', from), optionalCount('to', to));
    answer(response, JSON_TYPE, JSON.stringify(found), NOW);
  }

  @Get('chains/:chain/entries/:seq')
  async entry(@Param('chain') chain: string, @Param('seq') seq: string, @Res() response: Response): Promise<void> {
    answer(response, JSON_TYPE, (await this.audit.entry(count(chain), count(seq))).envelope, FOREVER);
  }

  @Get('chains/:chain/entries/:seq/payload')
  async payload(@Param('chain') chain: string, @Param('seq') seq: string, @Res() response: Response): Promise<void> {
    answer(response, BYTES, (await this.audit.entry(count(chain), count(seq))).payload, FOREVER);
  }

  @Get('chains/:chain/entries/:seq/proof')
  async proof(@Param('chain') chain: string, @Param('seq') seq: string, @Res() response: Response): Promise<void> {
    answer(response, TEXT, await this.audit.proof(count(chain), count(seq)), NOW);
  }

  @Get('chains/:chain/tile/*path')
  async tile(@Param('chain') chain: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    const tile = tileName(request.path.slice(request.path.indexOf('/tile/') + 1));
    const bytes = await this.audit.tile(count(chain), tile);
    answer(response, BYTES, bytes, tile.width === TILE_WIDTH ? FOREVER : NOW);
  }
}

function answer(response: Response, type: string, body: Buffer | string, caching: string): void {
  send(response, { status: 200, headers: { 'Content-Type': type, 'Cache-Control': caching }, body });
}

function tileName(path: string): TileName {
  try {
    return parseTilePath(path);
  } catch (error) {
    if (error instanceof FormatError) throw new NotFoundError('there is no such tile');
    throw error;
  }
}

function count(text: string): number {
  if (/^(0|[1-9]\d{0,14})$/.test(text)) return Number(text);
  throw new NotFoundError('there is nothing at this URL');
}

function optionalCount(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new BadRequestError(`${name} must be a tree size`);
}
