import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Explanation } from '../engine/match-engine.js';
import { bits, inWords, probabilityOf, waterfallOf } from './waterfall.js';
import { waterfallSvg } from './waterfall-svg.js';

const THRESHOLDS = { certain: 8_000, link: 3_000, review: -5_000 };
const explanations = fc
  .record({
    prior: fc.integer({ min: -30_000, max: 10_000 }),
    weights: fc.array(fc.integer({ min: -20_000, max: 20_000 }), { minLength: 9, maxLength: 9 }),
    against: fc.constantFrom('random' as const, 'relative' as const, 'twin' as const),
    rule: fc.option(fc.integer({ min: -50_000, max: 0 }), { nil: undefined }),
  })
  .map(({ prior, weights, against, rule }): Explanation => {
    const fields = ['given', 'family', 'birthDate', 'identifier', 'place', 'sex', 'email', 'middle', 'mother'] as const;
    const comparisons = weights.map((weight, at) => ({ field: fields[at], level: 'exact <&"\'>', weight }));
    const weighed = weights.reduce((sum, weight) => sum + weight, prior);
    const ruled = rule === undefined ? {} : { rule: { name: 'twin' as const, weight: rule } };
    return { prior, comparisons, against, ...ruled, total: weighed + (rule ?? 0) };
  });

describe('a waterfall', () => {
  it('goes from 0 to the total without a gap, whatever the weights are', () => {
    fc.assert(
      fc.property(explanations, (explanation) => {
        const { steps, total } = waterfallOf(explanation, THRESHOLDS);
        let reached = 0;
        for (const { from, to, weight } of steps) {
          expect([from, to]).toEqual([reached, reached + weight]);
          reached = to;
        }
        expect(reached).toBe(total);
      }),
    );
  });

  it('leaves out what one of the two does not say, and has the heaviest first', () => {
    const comparisons: Explanation['comparisons'] = [
      { field: 'given', level: 'missing', weight: 0 },
      { field: 'family', level: 'exact', weight: 2_000 },
      { field: 'sex', level: 'differs', weight: -4_000 },
    ];
    const { steps, verdict } = waterfallOf({ prior: -500, comparisons, against: 'random', total: -2_500 }, THRESHOLDS);
    expect(steps.map(({ field }) => field)).toEqual(['prior', 'sex', 'family name']);
    expect(verdict).toBe('review');
  });

  it('says in words what it comes to', () => {
    const comparisons: Explanation['comparisons'] = [{ field: 'family', level: 'exact', weight: 9_100 }];
    const waterfall = waterfallOf({ prior: -5_000, comparisons, against: 'relative', total: 4_100 }, THRESHOLDS);
    expect(inWords(waterfall)).toBe(
      'prior: before anything is compared, against relatives (−5.0); family name: exact (+9.1). In all +4.1 bits, at or above +3.0: linked.',
    );
  });
});

it('a score is a probability', () => {
  expect([0, 1_000, -1_000].map(probabilityOf)).toEqual([0.5, 2 / 3, expect.closeTo(1 / 3, 12)]);
  expect([1_234, -40, 0].map(bits)).toEqual(['+1.2', '−0.0', '+0.0']);
});

describe('the picture', () => {
  it('has all bars within it, and no text that could break out', () => {
    fc.assert(
      fc.property(explanations, (explanation) => {
        const svg = waterfallSvg(waterfallOf(explanation, THRESHOLDS));
        const [, width, height] = /width="(\d+)" height="(\d+)"/.exec(svg)!.map(Number);
        for (const [, x, y, w, h] of svg.matchAll(
          /<rect x="([-\d.]+)" y="([-\d.]+)" width="([\d.]+)" height="([\d.]+)"/g,
        )) {
          expect(Number(x)).toBeGreaterThanOrEqual(0);
          expect(Number(x) + Number(w)).toBeLessThanOrEqual(width);
          expect(Number(y) + Number(h)).toBeLessThanOrEqual(height);
        }
        expect(svg).not.toContain('exact <');
        expect(svg.match(/<(svg|title|desc|text)[ >]/g)!.length).toBe(svg.match(/<\/(svg|title|desc|text)>/g)!.length);
      }),
      { numRuns: 30 },
    );
  });
});
