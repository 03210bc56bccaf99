import { describe, expect, it } from '@jest/globals';
import { COMPARISON_NAMES, COMPARISONS, type Comparison, RADICES } from './comparisons.js';
import { gradeOf, isTentative } from './grade.js';

const THRESHOLDS = { certain: 17_000, link: 6_000, review: -3_000 };

/** The pattern of levels by name; what is not named is missing. */
function pattern(levels: Partial<Record<Comparison, string>>): number {
  return COMPARISON_NAMES.reduce((sum, name, at) => {
    const level = levels[name] === undefined ? 0 : (COMPARISONS[name] as readonly string[]).indexOf(levels[name]);
    if (level < 0) throw new Error(`${name} has no level ${levels[name]}`);
    return sum + RADICES[at] * level;
  }, 0);
}

const same = { given: 'exact', family: 'exact', birthDate: 'exact', sex: 'exact' };
const home = { place: 'same home, no phone' };

describe('a grade', () => {
  it.each<[string, Partial<Record<Comparison, string>>, number, string]>([
    ['names, birth date and sex alone', same, 16_000, 'possible'],
    ['these, and so rare that chance is out', same, 17_000, 'probable'],
    ['a home beside them', { ...same, ...home }, 17_000, 'certain'],
    ['a home beside them, and too few bits', { ...same, ...home }, 16_999, 'probable'],
    ['the same area only', { ...same, place: 'same area, no phone' }, 16_000, 'probable'],
    ['the same area, and many bits', { ...same, place: 'same area, no phone' }, 20_000, 'probable'],
    ['another address', { ...same, place: 'other address, other phone' }, 16_000, 'possible'],
    ['a slip in a name needs one more', { ...same, ...home, given: 'typo' }, 20_000, 'probable'],
    ['a slip in a name, and one more', { ...same, ...home, given: 'typo', mother: 'exact' }, 20_000, 'certain'],
    [
      'a digit of the birth date off',
      { ...same, ...home, birthDate: 'one digit off', middle: 'exact' },
      20_000,
      'certain',
    ],
    [
      'another birth date',
      { ...same, ...home, birthDate: 'differs', middle: 'exact', mother: 'exact' },
      30_000,
      'probable',
    ],
    ['a contradiction needs one more', { ...same, ...home, middle: 'differs' }, 30_000, 'probable'],
    ['a contradiction, and one more', { ...same, ...home, middle: 'differs', identifier: 'exact' }, 30_000, 'certain'],
    ['names swapped', { given: 'swapped with family', birthDate: 'exact', sex: 'exact', ...home }, 20_000, 'certain'],
    [
      'another given name',
      { ...same, ...home, given: 'differs', identifier: 'exact', mother: 'exact' },
      30_000,
      'probable',
    ],
    ['below the link threshold', { ...same, ...home }, 5_999, 'possible'],
    ['below review', { ...same, ...home }, -3_001, 'certainly-not'],
  ])('of %s', (_, levels, score, grade) => {
    expect(gradeOf(score, pattern(levels), THRESHOLDS)).toBe(grade);
  });

  it('is tentative only where the pair is linked', () => {
    expect(isTentative(5_999, pattern(same), THRESHOLDS)).toBe(false);
    expect(isTentative(6_000, pattern(same), THRESHOLDS)).toBe(true);
    expect(isTentative(6_000, pattern({ ...same, email: 'exact' }), THRESHOLDS)).toBe(false);
  });
});
