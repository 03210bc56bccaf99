import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import jaroWinklerOf from 'talisman/metrics/jaro-winkler.js';
import { distance } from 'fastest-levenshtein';
import { editDistance } from './edit-distance.js';
import { jaroWinkler } from './jaro-winkler.js';
import { mostSimilar } from './name-levels.js';

const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'é', 'ش'), maxLength: 12 });

function apply(compare: typeof editDistance, a: string, b: string): number {
  const units = Uint16Array.from([...a, ...b].map((letter) => letter.charCodeAt(0)));
  return compare(units, 0, a.length, a.length, b.length);
}

/** Optimal string alignment by its recurrence. */
function alignment(a: string, b: string): number {
  const table = Array.from({ length: a.length + 1 }, (_, i) => [i]);
  for (let j = 0; j <= b.length; j++) table[0][j] = j;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      table[i][j] = Math.min(table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        table[i][j] = Math.min(table[i][j], table[i - 2][j - 2] + 1);
    }
  }
  return table[a.length][b.length];
}

describe('comparators', () => {
  it('count edits as the recurrence does, and never more than Levenshtein', () => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        const edits = apply(editDistance, a, b);
        expect(edits).toBe(alignment(a, b));
        expect(edits).toBeLessThanOrEqual(distance(a, b));
      }),
    );
  });

  it('agree with talisman on Jaro–Winkler', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd'), minLength: 1, maxLength: 12 }),
        word,
        (a, b) => {
          const ours = apply(jaroWinkler, a, b);
          expect(ours).toBeGreaterThanOrEqual(0);
          expect(ours).toBeLessThanOrEqual(1);
          expect(apply(jaroWinkler, b, a)).toBeCloseTo(ours, 1);
          if (a === b) expect(ours).toBe(1);
        },
      ),
    );
    for (const [a, b] of [
      ['martha', 'marhta'],
      ['dixon', 'dicksonx'],
      ['dwayne', 'duane'],
    ])
      expect(apply(jaroWinkler, a, b)).toBeCloseTo(jaroWinklerOf(a, b), 10);
  });

  it('are never more similar than their letters allow', () => {
    const mask = (text: string): number =>
      [...text].reduce((bits, letter) => bits | (1 << (letter.charCodeAt(0) & 31)), 0);
    const letters = fc.string({ unit: fc.constantFrom(...'abcdefé'), minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(letters, letters, (a, b) => {
        const most = mostSimilar(mask(a), a.length, mask(b), b.length, a[0] === b[0]);
        // The same sums in another order may differ in the last bit.
        expect(apply(jaroWinkler, a, b)).toBeLessThanOrEqual(most + 1e-12);
      }),
    );
  });
});
