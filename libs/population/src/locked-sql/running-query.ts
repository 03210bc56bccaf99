import { UnavailableError } from '@chartledger/platform';
import { type FromChild } from './child-messages.js';
import { SqlFailedError, SqlLimitError, SqlRefusedError } from './errors.js';
import { GRACE_MS } from './limits.js';
import { type LockedChild } from './locked-child.js';
import { type Query } from './locked-database.js';
import { describeProblem } from './problem.js';

type End = Extract<FromChild, { end: unknown }>['end'];
type Message = Exclude<FromChild, { end: unknown } | { ready: unknown }>;

/** One query in one process, until its last row was read or it was ended: by its limits, by whoever asked, or by itself. */
export class RunningQuery {
  private stopped: 'seconds' | 'cancelled' | undefined;
  private isOver = false;
  private readonly timer: NodeJS.Timeout;
  private grace: NodeJS.Timeout | undefined;
  private readonly abort = (): void => this.stop('cancelled');

  /** @param release called once; says whether the process can be used again. */
  constructor(
    private readonly child: LockedChild,
    file: string,
    private readonly query: Query,
    private readonly signal: AbortSignal | undefined,
    private readonly release: (isReusable: boolean) => void,
  ) {
    this.timer = setTimeout(() => this.stop('seconds'), query.limits.seconds * 1000);
    signal?.addEventListener('abort', this.abort);
    void child.ended.then(() => this.over(false));
    child.ask(file, query);
    if (signal?.aborted) this.abort();
  }

  /** undefined after the last row. @throws what became of the query instead. */
  async next(): Promise<Message | undefined> {
    const message = await this.child.next();
    if (!message) {
      await this.child.ended;
      throw this.failure();
    }
    if (!('end' in message)) return message as Message;
    this.over(this.isReusable(message.end));
    return this.ended(message.end);
  }

  /** Whoever asked wants no more of it. Resolves when the process is free or gone. */
  async abandon(): Promise<void> {
    this.stop('cancelled');
    while (!this.isOver && (await this.next().catch(() => undefined)));
  }

  private stop(why: 'seconds' | 'cancelled'): void {
    if (this.isOver || this.stopped) return;
    this.stopped = why;
    this.child.cancel();
    this.grace = setTimeout(() => this.child.kill(), GRACE_MS);
  }

  private over(isReusable: boolean): void {
    if (this.isOver) return;
    this.isOver = true;
    clearTimeout(this.timer);
    clearTimeout(this.grace);
    this.signal?.removeEventListener('abort', this.abort);
    this.release(isReusable);
  }

  /** A query that ended in an orderly way left nothing behind; one that had to be held back by time or memory may have. */
  private isReusable(end: End): boolean {
    if (this.stopped === 'seconds') return false;
    return end.kind !== 'broken' && end.kind !== 'unopened' && !(end.kind === 'limit' && end.limit === 'memory');
  }

  private ended(end: End): undefined {
    const { sql, limits } = this.query;
    switch (end.kind) {
      case 'done':
        return undefined;
      case 'refused':
        throw new SqlRefusedError(sql, end.problems);
      case 'failed':
        throw new SqlFailedError(describeProblem(sql, end));
      case 'limit':
        throw new SqlLimitError(end.limit, limits);
      case 'unopened':
        throw new UnavailableError('the tables of this project cannot be read now: ask again');
      default:
        throw this.stopped ? this.failure() : new SqlFailedError(BROKEN);
    }
  }

  private failure(): Error {
    if (this.stopped === 'seconds') return new SqlLimitError('seconds', this.query.limits);
    if (this.stopped === 'cancelled')
      return (this.signal?.reason as Error | undefined) ?? new UnavailableError('the query was given up');
    // Where memory is denied, V8 and the C++ library abort or fall over; where there is none, the kernel kills.
    return new SqlLimitError('memory', this.query.limits);
  }
}

const BROKEN = 'the query cannot be run by this version of DuckDB: write it more simply';
