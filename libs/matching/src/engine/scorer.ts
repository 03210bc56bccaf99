import {
  ALL_LEVELS,
  BIRTH,
  COMPARISON_NAMES,
  FAMILY,
  GIVEN,
  IDENTIFIER,
  LEVEL_COUNTS,
  LEVEL_OFFSETS,
  levelsOf,
  MOTHER,
  PHONES,
  PLACE,
} from './comparisons.js';
import { type Model } from './model.js';

export type Rule = 'suffix' | 'twin';
export type NonMatch = 'random' | 'relative' | 'twin';

/** What a pair has when the rule knows that it is two people: below any review, within what linkage averages over. */
export const RULED_OUT = -20_000;
/** What it has when the two look like twins by all that is known: below any review, but records between them count too. */
const LOOKS_RULED_OUT = -8_000;

/** What of a pair decides beside its levels. */
export interface PairFacts {
  pattern: number;
  givenTerm: number;
  familyTerm: number;
  placeTerm: number;
  /** Generation and birth order of both: `ROW.flags`. */
  flagsA: number;
  flagsB: number;
}

const CLASSES: readonly NonMatch[] = ['random', 'relative', 'twin'];

/**
 * Scores patterns by tables of whole numbers. The score is the log-odds of `match` against the likeliest of the three
 * classes of non-matches: strangers, relatives, twins. Frequencies of a family name and a place count against strangers
 * only, since relatives share them anyway.
 */
export class Scorer {
  private readonly tables: readonly Int32Array[];
  private readonly priors: readonly number[];
  private readonly families: boolean;
  private readonly cache = new Map<number, PatternScore>();

  constructor(model: Model) {
    this.tables = CLASSES.map((name) => flat(model.weights[name]));
    this.priors = CLASSES.map((name) => model.prior[name]);
    this.families = model.families;
  }

  /** The score of a pair, thousandths of a bit. */
  score(pair: PairFacts): number {
    const { pattern, givenTerm, familyTerm, placeTerm } = pair;
    const base = this.ofPattern(pattern);
    const random = base.random + givenTerm + familyTerm + placeTerm;
    const kin = base.kin + givenTerm;
    const score = random < kin ? random : kin;
    return score <= LOOKS_RULED_OUT ? score : Math.min(score, this.ruleOf(pair)?.most ?? score);
  }

  /** The class a pair is measured against, and the rule that stands above its score. */
  verdict(pair: PairFacts): { against: NonMatch; score: number; rule?: Rule } {
    const base = this.ofPattern(pair.pattern);
    const random = base.random + pair.givenTerm + pair.familyTerm + pair.placeTerm;
    const against: NonMatch = random < base.kin + pair.givenTerm ? 'random' : base.kinClass;
    const score = this.score(pair);
    const rule = score < Math.min(random, base.kin + pair.givenTerm) ? this.ruleOf(pair)?.rule : undefined;
    return { against, score, ...(rule && { rule }) };
  }

  weightOf(against: NonMatch, comparison: number, level: number): number {
    return this.tables[CLASSES.indexOf(against)][LEVEL_OFFSETS[comparison] + level];
  }

  priorOf(against: NonMatch): number {
    return this.priors[CLASSES.indexOf(against)];
  }

  private ruleOf({ pattern, flagsA, flagsB }: PairFacts): { rule: Rule; most: number } | undefined {
    const suffixA = (flagsA >> 2) & 7;
    const suffixB = (flagsB >> 2) & 7;
    if (suffixA !== 0 && suffixB !== 0 && suffixA !== suffixB) return { rule: 'suffix', most: RULED_OUT };
    if (!this.ofPattern(pattern).couldBeTwins) return undefined;
    const orderA = flagsA >> 5;
    const orderB = flagsB >> 5;
    if (orderA !== 0 && orderB !== 0 && orderA !== orderB) return { rule: 'twin', most: RULED_OUT };
    return this.families && this.ofPattern(pattern).lookLikeTwins ? { rule: 'twin', most: LOOKS_RULED_OUT } : undefined;
  }

  private ofPattern(pattern: number): PatternScore {
    const known = this.cache.get(pattern);
    if (known) return known;
    const levels = levelsOf(pattern);
    const [random, relative, twin] = this.tables.map((table, at) =>
      levels.reduce((sum, level, comparison) => sum + table[LEVEL_OFFSETS[comparison] + level], this.priors[at]),
    );
    const found: PatternScore = {
      random,
      kin: Math.min(relative, twin),
      kinClass: relative <= twin ? 'relative' : 'twin',
      ...twinsBy(levels),
    };
    this.cache.set(pattern, found);
    return found;
  }
}

interface PatternScore {
  random: number;
  kin: number;
  kinClass: NonMatch;
  /** The same birth date in one family or home: a different birth order tells them apart. */
  couldBeTwins: boolean;
  /** Twins by all that is known: another given name and no identifier in common. */
  lookLikeTwins: boolean;
}

const LEVEL = { exact: 1, familyClose: 2, givenDiffers: 7, mixed: 3, sameHome: 1, samePhone: 1 } as const;

function twinsBy(levels: readonly number[]): { couldBeTwins: boolean; lookLikeTwins: boolean } {
  const address = Math.trunc(levels[PLACE] / PHONES);
  const phone = levels[PLACE] % PHONES;
  const atHome = address === LEVEL.sameHome || phone === LEVEL.samePhone;
  const oneFamily = levels[FAMILY] >= LEVEL.exact && levels[FAMILY] <= LEVEL.familyClose;
  const couldBeTwins = levels[BIRTH] === LEVEL.exact && (oneFamily || levels[MOTHER] === LEVEL.exact);
  const sharesIdentifier = levels[IDENTIFIER] >= LEVEL.exact && levels[IDENTIFIER] <= LEVEL.mixed;
  const lookLikeTwins =
    couldBeTwins && oneFamily && atHome && levels[GIVEN] === LEVEL.givenDiffers && !sharesIdentifier;
  return { couldBeTwins, lookLikeTwins };
}

function flat(levels: readonly (readonly number[])[]): Int32Array {
  const table = new Int32Array(ALL_LEVELS);
  COMPARISON_NAMES.forEach((name, comparison) => {
    if (levels[comparison]?.length !== LEVEL_COUNTS[comparison])
      throw new Error(`the model knows other levels of ${name} than this program: train it anew`);
    table.set(levels[comparison], LEVEL_OFFSETS[comparison]);
  });
  return table;
}
