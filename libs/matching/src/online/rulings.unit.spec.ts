import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { pairOf } from '../persons/person-entries.js';
import { Rulings, type StandingRuling } from './rulings.js';

const ruling = (decided: number, kind: 'must' | 'cannot', one: string, other: string): StandingRuling => ({
  pair: pairOf(one, other),
  kind,
  decided,
});

it('of rulings that contradict each other the newest hold', () => {
  const must = [ruling(1, 'must', 'a', 'b'), ruling(2, 'must', 'b', 'c')];
  expect(new Rulings([...must, ruling(3, 'cannot', 'a', 'c')]).among(['a', 'b', 'c'])).toEqual([
    { pair: ['a', 'c'], kind: 'cannot' },
    { pair: ['b', 'c'], kind: 'must' },
  ]);
  expect(new Rulings([ruling(0, 'cannot', 'a', 'c'), ...must]).among(['a', 'b', 'c'])).toEqual([
    { pair: ['a', 'b'], kind: 'must' },
    { pair: ['b', 'c'], kind: 'must' },
  ]);
});

it('says on which records two sets of rulings differ', () => {
  const before = new Rulings([ruling(1, 'must', 'a', 'b'), ruling(2, 'cannot', 'c', 'd')]);
  const after = new Rulings([
    ruling(3, 'cannot', 'a', 'b'),
    ruling(2, 'cannot', 'c', 'd'),
    ruling(4, 'must', 'e', 'f'),
  ]);
  expect([...before.difference(after)].sort()).toEqual(['a', 'b', 'e', 'f']);
});

it('what holds among some records can hold all at once, and does not depend on the order it is given in', () => {
  const names = 'abcde'.split('');
  const one = fc
    .tuple(
      fc.subarray(names, { minLength: 2, maxLength: 2 }),
      fc.constantFrom('must' as const, 'cannot' as const),
      fc.nat(50),
    )
    .map(([[left, right], kind, decided]) => ruling(decided, kind, left, right));
  const several = fc.uniqueArray(one, { selector: ({ pair }) => pair.join(' ') });
  fc.assert(
    fc.property(
      several.chain((rulings) =>
        fc.tuple(fc.constant(rulings), fc.shuffledSubarray(rulings, { minLength: rulings.length })),
      ),
      ([rulings, shuffled]) => {
        const held = new Rulings(rulings).among(names);
        expect(new Rulings(shuffled).among([...names].reverse())).toEqual(held);
        const group = new Map(names.map((name) => [name, name]));
        for (const { kind, pair } of held) {
          if (kind !== 'must') continue;
          const [into, from] = pair.map((name) => group.get(name)!);
          for (const [name, of] of group) if (of === from) group.set(name, into);
        }
        for (const { kind, pair } of held)
          if (kind === 'cannot') expect(group.get(pair[0])).not.toBe(group.get(pair[1]));
      },
    ),
  );
});
