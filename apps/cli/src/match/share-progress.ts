import { progress } from '../progress.js';

/** Below it a guess of the time that is left is worth nothing. */
const LEAST_SHARE = 0.02;
const PARTS = 100;

export interface ShareProgress {
  /** @param share of the whole that is done, 0 to 1. @param secondsLeft where it is known better than by the share. */
  update(share: number, what: string, secondsLeft?: number): void;
  end(): void;
}

/** Progress of work that is known as a share of the whole, with the time that is left. */
export function shareProgress(label: string, now: () => number = Date.now): ShareProgress {
  const bar = progress(`${label}, hundredths`, PARTS);
  const startedMs = now();
  return {
    update: (share, what, secondsLeft) => {
      const left = secondsLeft ?? secondsOf(share, now() - startedMs);
      bar.update(Math.floor(share * PARTS), left === undefined ? what : `${what}, ${inWords(left)} left`);
    },
    end: () => bar.end(),
  };
}

function secondsOf(share: number, elapsedMs: number): number | undefined {
  return share < LEAST_SHARE ? undefined : (elapsedMs * (1 - share)) / share / 1000;
}

/** 7 s, 3 min, 2 h: no more exact than it can be. */
export function inWords(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
