import { COMPARISON_NAMES, COMPARISONS, type Comparison, GIVEN, levelsOf, PHONES, PLACE } from './comparisons.js';
import { type Thresholds } from './model.js';

/** FHIR match-grade. */
export type Grade = 'certain' | 'probable' | 'possible' | 'certainly-not';

/**
 * The grade of a pair. A score says how likely it is; for `certain` and `probable` it is also asked what the score stands on,
 * since names and a birth date alone may be shared by chance, and a score of many bits may hold a contradiction.
 */
export function gradeOf(score: number, pattern: number, thresholds: Thresholds): Grade {
  const { certain, link, review } = thresholds;
  if (score >= certain && isBeyondDoubt(pattern)) return 'certain';
  if (score >= link) return isTentative(score, pattern, thresholds) ? 'possible' : 'probable';
  return score >= review ? 'possible' : 'certainly-not';
}

/**
 * Whether a pair that is linked is to be looked at all the same: nothing agrees beside names, birth date and sex, and these
 * are not so rare that the score is one of certainty.
 */
export function isTentative(score: number, pattern: number, { certain, link }: Thresholds): boolean {
  if (score < link || score >= certain) return false;
  const levels = levelsOf(pattern);
  return supports(levels) === 0 && !NEIGHBOURS.has(addressOf(levels));
}

/** What agrees beside names, birth date and sex must outnumber what is off by a slip and what contradicts. */
function isBeyondDoubt(pattern: number): boolean {
  const levels = levelsOf(pattern);
  const slips = slipsOf(levels);
  return slips !== undefined && supports(levels) > slips + countOf(levels, CONTRADICTIONS);
}

/** Kinds of evidence that agree and are independent of each other; home and phone are one. */
function supports(levels: readonly number[]): number {
  const household = SAME_HOME === addressOf(levels) || SAME_PHONE.has(levels[PLACE] % PHONES);
  return countOf(levels, SUPPORTS) + (household ? 1 : 0);
}

/** How many of given name, family name and birth date are off by a slip; undefined where one of them says two people. */
function slipsOf(levels: readonly number[]): number | undefined {
  let slips = 0;
  for (const { comparison, same, slip } of IDENTITY) {
    const level = levels[comparison];
    if (slip.has(level)) slips += 1;
    else if (!same.has(level)) return undefined;
  }
  // Swapped names are one finding: given has it, and family is missing.
  return SWAPPED.has(levels[GIVEN]) ? slips - 1 : slips;
}

function countOf(levels: readonly number[], kinds: ReadonlyMap<number, ReadonlySet<number>>): number {
  let count = 0;
  for (const [comparison, found] of kinds) if (found.has(levels[comparison])) count += 1;
  return count;
}

function addressOf(levels: readonly number[]): number {
  return Math.trunc(levels[PLACE] / PHONES);
}

type LevelOf<C extends Comparison> = (typeof COMPARISONS)[C][number];

function levelSet<C extends Comparison>(comparison: C, names: readonly LevelOf<C>[]): ReadonlySet<number> {
  return new Set(names.map((name) => (COMPARISONS[comparison] as readonly string[]).indexOf(name)));
}

function found<C extends Comparison>(comparison: C, ...names: LevelOf<C>[]): [number, ReadonlySet<number>] {
  return [COMPARISON_NAMES.indexOf(comparison), levelSet(comparison, names)];
}

interface Identity {
  comparison: number;
  same: ReadonlySet<number>;
  slip: ReadonlySet<number>;
}

function identity<C extends Comparison>(
  comparison: C,
  same: readonly LevelOf<C>[],
  slip: readonly LevelOf<C>[],
): Identity {
  return {
    comparison: COMPARISON_NAMES.indexOf(comparison),
    same: levelSet(comparison, same),
    slip: levelSet(comparison, slip),
  };
}

const SUPPORTS = new Map([
  found('identifier', 'exact', 'one digit off', 'one agrees, one differs'),
  found('email', 'exact', 'same mailbox', 'similar'),
  found('middle', 'exact', 'initial'),
  found('mother', 'exact'),
]);
const CONTRADICTIONS = new Map([
  found('identifier', 'one agrees, one differs', 'differs'),
  found('sex', 'differs'),
  found('middle', 'differs'),
  found('mother', 'differs'),
]);
/** Levels of address and phone within that of the place. */
const SAME_HOME = 1;
const NEIGHBOURS: ReadonlySet<number> = new Set([2, 3, 4, 5]);
const SAME_PHONE: ReadonlySet<number> = new Set([1, 2]);

const SWAPPED = levelSet('given', ['swapped with family', 'swapped, similar']);
/** A level that is neither the same nor a slip says two people. */
const IDENTITY: readonly Identity[] = [
  identity(
    'given',
    ['exact', 'nickname', 'swapped with family'],
    ['missing', 'typo', 'part', 'initial', 'swapped, similar', 'middle name in its place', 'initial of middle name'],
  ),
  identity('family', ['exact'], ['missing', 'typo', 'part', 'similar']),
  identity('birthDate', ['exact', 'as far as known'], ['missing', 'one digit off', 'day and month swapped']),
];
