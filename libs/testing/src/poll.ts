import { setTimeout as delay } from 'node:timers/promises';

/** Long enough for a busy machine; a test that gets there has failed. */
const DEADLINE_MS = 20_000;
const INTERVAL_MS = 20;

/** Asks again until the answer is neither undefined nor false. @throws Error after the deadline, naming what was waited for. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  deadlineMs = DEADLINE_MS,
): Promise<T> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > deadline) throw new Error(`${what} did not come to be within ${deadlineMs} ms`);
    await delay(INTERVAL_MS);
  }
}
