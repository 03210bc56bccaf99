import { Controller, Get, Inject, Res } from '@nestjs/common';
import { type Response } from 'express';
import { JSON_TYPE, send } from '@chartledger/platform';
import { type Assembly } from './parts.js';
import { ASSEMBLY } from './tokens.js';

@Controller()
export class HealthController {
  constructor(@Inject(ASSEMBLY) private readonly assembly: Assembly) {}

  @Get('health/live')
  live(@Res() response: Response): void {
    answer(response, 200, { status: 'live' });
  }

  /** Ready: the database answers and every view follows. A view that stopped is named. */
  @Get('health/ready')
  async ready(@Res() response: Response): Promise<void> {
    const stopped = this.assembly.views.all().filter((view) => view.error);
    const views = stopped.map((view) => `${view.name} of chain ${view.chain}`);
    if (this.assembly.matcher?.error) views.push('matching');
    if (await this.assembly.query?.population.problem()) views.push('population');
    const database = await this.assembly.store.source.query('select 1').then(
      () => true,
      () => false,
    );
    const isReady = database && views.length === 0;
    answer(response, isReady ? 200 : 503, { status: isReady ? 'ready' : 'not ready', database, stoppedViews: views });
  }

  @Get('metrics')
  async metrics(@Res() response: Response): Promise<void> {
    const { registry } = this.assembly.metrics;
    send(response, { status: 200, headers: { 'Content-Type': registry.contentType }, body: await registry.metrics() });
  }
}

function answer(response: Response, status: number, body: object): void {
  send(response, {
    status,
    headers: { 'Content-Type': JSON_TYPE, 'Cache-Control': 'no-store' },
    body: JSON.stringify(body),
  });
}
