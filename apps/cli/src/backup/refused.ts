import { ChainFaultError } from '@chartledger/ledger';

/** What was asked for would do harm, and was not done: exit code 1. Nothing to do with whether it could be done. */
export class Refused extends Error {
  constructor(
    readonly reason: string,
    message: string,
    readonly position?: string,
  ) {
    super(message);
  }

  /** The refusal that an error stands for; undefined for any other error. */
  static of(error: unknown): Refused | undefined {
    if (error instanceof Refused) return error;
    if (!(error instanceof ChainFaultError)) return undefined;
    const { reason, position, detail } = error.fault;
    return new Refused(reason, detail, position);
  }
}
