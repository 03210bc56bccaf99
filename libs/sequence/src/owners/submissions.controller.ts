import { Controller, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { type Request, type Response } from 'express';
import { BadRequestError, ChartledgerError, FhirError, send } from '@chartledger/platform';
import { type Sequencer } from '../sequencer.js';
import { decodeSubmission, encodeOutcome, MESSAGE_TYPE } from './submission-message.js';

/** The sequencers that run in this process, by chain. */
export const SEQUENCERS = Symbol('sequencers');

/** RFC 9110 section 15.5.20: the request was directed at a server that is unable to produce an authoritative response. */
const MISDIRECTED = 421;

/** Where gateways bring submissions. For processes of this system only: it believes who they say is acting. */
@Controller('internal')
export class SubmissionsController {
  constructor(@Inject(SEQUENCERS) private readonly sequencers: ReadonlyMap<number, Sequencer>) {}

  @Post('chains/:chain/submissions')
  async submit(@Param('chain') chain: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    const sequencer = this.sequencers.get(Number(chain));
    if (!sequencer) throw new ChartledgerError('misdirected', MISDIRECTED, `chain ${Number(chain)} is not owned here`);
    if (!Buffer.isBuffer(request.body)) throw new BadRequestError('a submission is expected');
    try {
      const outcome = await sequencer.submit(decodeSubmission(request.body));
      send(response, { status: 200, headers: { 'Content-Type': MESSAGE_TYPE }, body: encodeOutcome(outcome) });
    } catch (error) {
      if (!(error instanceof FhirError)) throw error;
      const { status, issues } = error;
      send(response, {
        status,
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ issues }),
      });
    }
  }
}
