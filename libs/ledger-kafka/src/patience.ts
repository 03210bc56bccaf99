import { setTimeout as delay } from 'node:timers/promises';
import { ChartledgerError, UnavailableError } from '@chartledger/platform';

/** Between two attempts: a new leader is elected in seconds, a lost connection is back at once. */
const PAUSE_MS = 200;

/** Rejects when `work` takes longer. The work itself goes on, and MUST be ended by whoever began it. */
export async function withDeadline<T>(work: Promise<T>, deadlineMs: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${deadlineMs} ms`)), deadlineMs);
  });
  // Should it fail after the deadline, nobody awaits it any more.
  work.catch(() => undefined);
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/**
 * Tries until it works. Errors of this system that another attempt cannot change are thrown at once.
 * @throws UnavailableError that names the last failure, after the deadline or when `signal` is aborted.
 */
export async function persist<T>(
  what: string,
  deadlineMs: number,
  signal: AbortSignal,
  attempt: () => Promise<T>,
): Promise<T> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof ChartledgerError && !(error instanceof UnavailableError)) throw error;
      if (signal.aborted || performance.now() > deadline) {
        throw new UnavailableError(
          `${what}: ${(error as Error).message}; see whether the Kafka cluster is healthy, then try again`,
        );
      }
      await pause(PAUSE_MS, signal);
    }
  }
}

/** Ends early when the signal is aborted. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch((error: Error) => {
    if (error.name !== 'AbortError') throw error;
  });
}
