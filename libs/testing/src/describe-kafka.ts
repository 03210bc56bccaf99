import { describe, jest, test } from '@jest/globals';
import { kafkaMissing } from '#kafka-local';

export { kafkaMissing };

/** A start on a busy machine, the first copy of the jars included. */
const HOOK_MS = 180_000;

/**
 * A suite against a real broker (see `startTestKafka`). Where a broker cannot run, the suite is skipped and says what to
 * install; where the environment sets `CI` it fails, because there nobody reads what was skipped. Its hooks and tests have
 * three minutes.
 */
export function describeKafka(name: string, suite: () => void): void {
  const missing = kafkaMissing();
  jest.setTimeout(HOOK_MS);
  if (missing === undefined) return describe(name, suite);
  // eslint-disable-next-line no-restricted-properties -- tests only: no part of a deployment reads this
  if (process.env.CI)
    return describe(name, () =>
      test('has a broker', () => {
        throw new Error(missing);
      }),
    );
  console.warn(`skipped: ${name}: ${missing}`);
  describe.skip(name, suite);
}
