import { expect, it } from '@jest/globals';
import { errorTable, scoreTown, type TownRecord } from './town-score.js';

const record = (person: string, assigned: string, ...errors: string[]): TownRecord => ({
  source: 'st-mary',
  person,
  assigned,
  errors,
});

it('counts pairs that are there, missed and wrong, in all and by the errors of either record', () => {
  const score = scoreTown([
    record('p1', 'a'),
    record('p1', 'a', 'nickname'),
    record('p1', 'b', 'nickname', 'moved'),
    record('p2', 'b'),
    record('p3', 'c'),
  ]);
  expect(score).toMatchObject({ pairs: 3, missed: 2, wrong: 1, precision: 0.5, recall: 1 / 3 });
  expect(errorTable(score.kinds).slice(2)).toEqual(['| nickname | 3 | 2 | 1 |', '| moved | 2 | 2 | 1 |']);
});

it('names pairs without an error last, and finds nothing wrong with nobody', () => {
  const { kinds, f1 } = scoreTown([
    record('p1', 'a'),
    record('p1', 'a'),
    record('p2', 'b', 'moved'),
    record('p2', 'b'),
  ]);
  expect([f1, kinds.map(({ kind }) => kind)]).toEqual([1, ['moved', 'none']]);
  expect(scoreTown([])).toMatchObject({ pairs: 0, precision: 1, recall: 1 });
});
