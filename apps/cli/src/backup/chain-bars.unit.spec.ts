import { expect, it } from '@jest/globals';
import { timeLeft } from './chain-bars.js';

it.each([
  [0, 100, 10, ''],
  [100, 0, 10, ''],
  [100, 50, 0.5, ''],
  [100, 50, 10, '5 s left'],
  [100, 590, 10, '59 s left'],
  [100, 601, 10, '2 min left'],
  [1, 1000, 10, '2 h 47 min left'],
])('%d entries done, %d left, after %d s: %s', (done, left, seconds, text) => {
  expect(timeLeft(done, left, seconds)).toBe(text);
});
