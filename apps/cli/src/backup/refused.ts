import { ChainFaultError } from '@chartledger/ledger';
import { IntegrityError } from '@chartledger/platform';

/** What was asked for would do harm, or met what is not sound, and was not done: exit code 1. */
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
    if (error instanceof IntegrityError) return new Refused(error.code, error.message);
    if (!(error instanceof ChainFaultError)) return undefined;
    const { reason, position, detail } = error.fault;
    return new Refused(reason, detail, position);
  }
}
