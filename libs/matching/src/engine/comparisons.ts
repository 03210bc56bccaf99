/**
 * What is compared, and how well two records can agree in it. Level 0 is always `missing`: one of the two says nothing.
 * A comparison pattern is one integer: the levels as the digits of a number of mixed radix, in this order.
 */
export const COMPARISONS = {
  given: [
    'missing',
    'exact',
    'typo',
    'nickname',
    'part',
    'initial',
    'similar',
    'differs',
    'swapped with family',
    'swapped, similar',
    'half swapped',
    'middle name in its place',
    'initial of middle name',
  ],
  family: ['missing', 'exact', 'typo', 'part', 'similar', 'differs'],
  birthDate: [
    'missing',
    'exact',
    'one digit off',
    'day and month swapped',
    'two digits off',
    'two parts agree',
    'day and month agree',
    'year agrees',
    'as far as known',
    'differs',
  ],
  identifier: ['missing', 'exact', 'one digit off', 'one agrees, one differs', 'differs'],
  place: placeLevels(),
  sex: ['missing', 'exact', 'differs'],
  email: ['missing', 'exact', 'same mailbox', 'similar', 'differs'],
  middle: ['missing', 'exact', 'initial', 'differs'],
  mother: ['missing', 'exact', 'differs'],
} as const;

/** Address and phone of one household go together: one comparison, so that they do not count twice. */
function placeLevels(): readonly string[] {
  const address = [
    'no address',
    'same home',
    'same street',
    'same number and street, other area',
    'same number and area',
    'same area',
    'other address',
  ];
  const phone = ['no phone', 'same phone', 'phone one digit off', 'other phone'];
  return address.flatMap((a) => phone.map((p) => (a === 'no address' && p === 'no phone' ? 'missing' : `${a}, ${p}`)));
}

export type Comparison = keyof typeof COMPARISONS;
export const COMPARISON_NAMES = Object.keys(COMPARISONS) as Comparison[];
export const LEVEL_COUNTS: readonly number[] = COMPARISON_NAMES.map((name) => COMPARISONS[name].length);
/** Where a comparison's levels begin in a table of all levels. */
export const LEVEL_OFFSETS: readonly number[] = LEVEL_COUNTS.map((_, at) =>
  LEVEL_COUNTS.slice(0, at).reduce((sum, count) => sum + count, 0),
);
export const ALL_LEVELS = LEVEL_COUNTS.reduce((sum, count) => sum + count, 0);
/** What a level's digit is multiplied by in a pattern. */
export const RADICES: readonly number[] = LEVEL_COUNTS.map((_, at) =>
  LEVEL_COUNTS.slice(0, at).reduce((product, count) => product * count, 1),
);

export const GIVEN = 0;
export const FAMILY = 1;
export const BIRTH = 2;
export const IDENTIFIER = 3;
export const PLACE = 4;
export const SEX_COMPARISON = 5;
export const EMAIL = 6;
export const MIDDLE = 7;
export const MOTHER = 8;
/** Phone levels within a place level: `place = address * PHONES + phone`. */
export const PHONES = 4;

/** The levels of a pattern, in the order of `COMPARISON_NAMES`. */
export function levelsOf(pattern: number): number[] {
  return LEVEL_COUNTS.map((count) => {
    const level = pattern % count;
    pattern = (pattern - level) / count;
    return level;
  });
}
