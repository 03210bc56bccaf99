/** Milliseconds since the epoch. An argument wherever time decides something, so that a test can say what time it is. */
export interface Clock {
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };
