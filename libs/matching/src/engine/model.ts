/** What EM found of a class of pairs: the probability of each level, comparison after comparison. */
export type LevelProbabilities = readonly (readonly number[])[];

export interface Thresholds {
  /** At or above, and with no name or birth date that contradicts: graded `certain`. */
  certain: number;
  /** At or above: linked without asking. */
  link: number;
  /** From here up to `link`: a person decides. */
  review: number;
}

/**
 * A model is data: with the same model and the same records every decision comes out the same, bit for bit. Scores and
 * weights are whole numbers, thousandths of a bit: a score of 0 is even odds, 1000 is odds of two to one.
 */
export interface Model {
  /** Names the model in decisions; two different models MUST NOT share one. */
  version: string;
  /** `PREPARATION_VERSION` the model was trained under. */
  preparation: number;
  thresholds: Thresholds;
  /** Log-odds that two records are of one person before they are compared, against each class of non-matches. */
  prior: { random: number; relative: number; twin: number };
  /** log2(m/u) of each level against each class, in the order of `COMPARISON_NAMES`; a missing level weighs 0. */
  weights: { random: LevelProbabilities; relative: LevelProbabilities; twin: LevelProbabilities };
  /** Whether the data has families: then twins are told apart by rule. */
  families: boolean;
  /** What a name's or place's frequency adds to exact agreement: triples of two hashes and a weight, by role. */
  terms: { given: TermTable; family: TermTable; place: TermTable; street: TermTable };
  /** Numbers of the blocking rules in use. */
  rules: readonly number[];
  /** Blocking keys of blocks over the cap. */
  hotKeys: readonly number[];
  /** Keys (`codeKey`) of phones, e-mails and identifiers that too many share: they count as missing. */
  placeholders: readonly number[];
  training: {
    records: number;
    candidates: number;
    matches: number;
    relatives: number;
    twins: number;
    iterations: number;
    /** The probabilities that the weights come of. */
    m: LevelProbabilities;
    u: LevelProbabilities;
    relative: LevelProbabilities;
  };
}

export interface TermTable {
  /** For a text that is not listed. */
  rare: number;
  /** hash, second hash, weight; … */
  listed: readonly number[];
}

export const NO_TERMS: TermTable = { rare: 0, listed: [] };

/** Thousandths of a bit of a probability ratio. */
export function thousandthsOfBit(ratio: number): number {
  return Math.round(Math.log2(ratio) * 1000);
}
