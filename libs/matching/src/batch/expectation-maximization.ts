import { ALL_LEVELS, COMPARISON_NAMES, LEVEL_COUNTS, LEVEL_OFFSETS, levelsOf } from '../engine/comparisons.js';
import { FIRST_MATCHES, FIRST_RELATIVES, FIRST_STRANGERS } from '../engine/first-guess.js';
import { type LevelProbabilities } from '../engine/model.js';
import { type Estimate, relativeProbabilities, twinProbabilities } from '../engine/model-weights.js';

export interface PatternCounts {
  patterns: Int32Array;
  counts: Float64Array;
}

/** Of all pairs: how many agree at each level, and of how many pairs both say something. */
export interface Universe {
  pairs: number;
  records: number;
  /** Pairs at each level, of all pairs; those who really are matches included. */
  levels: Float64Array;
  /** Pairs that were looked at for it. */
  sample: number;
}

const ITERATIONS = 40;
const SETTLED = 1e-4;
/** So many pairs weigh the first guess: enough to bridge levels that never occur, nothing beside hundreds of pairs. */
const GUESS_PAIRS = { match: 12, relative: 30 } as const;
/** The first guess of strangers weighs as a twentieth of the sample, at most so many pairs. */
const GUESS_STRANGERS = { share: 0.05, most: 20_000 } as const;
/** After matches and relatives are taken out of a level's pairs, at least this share of it is strangers. */
const STRANGERS_LEFT = 0.02;

/**
 * Fellegi–Sunter by expectation maximisation, without labels, over the universe of all pairs: four classes, of which
 * strangers are nearly all. What the blocking left out has no hope and needs no counting: its mass is the strangers'.
 * Relatives have probabilities of their own for what families share; twins are relatives born on one day.
 */
export function maximizeExpectation(
  { patterns, counts }: PatternCounts,
  universe: Universe,
): Estimate & { iterations: number } {
  const levels = Array.from(patterns, levelsOf);
  let estimate = firstEstimate(universe);
  let iterations = 0;
  for (; iterations < ITERATIONS; iterations++) {
    const next = step(levels, counts, universe, estimate);
    const change = Math.abs(next.matches - estimate.matches) / Math.max(1, estimate.matches);
    estimate = next;
    if (change < SETTLED && iterations > 4) break;
  }
  return { ...estimate, iterations };
}

function firstEstimate(universe: Universe): Estimate {
  const { records, pairs } = universe;
  return {
    m: FIRST_MATCHES,
    u: strangers(universe, new Float64Array(ALL_LEVELS)),
    relative: FIRST_RELATIVES,
    pairs,
    matches: records * 0.2,
    relatives: records * 0.1,
    twins: records * 0.002,
  };
}

function step(levels: readonly number[][], counts: Float64Array, universe: Universe, now: Estimate): Estimate {
  const relativeNow = relativeProbabilities(now.u, now.relative);
  const twinNow = twinProbabilities({ m: now.m, relative: relativeNow });
  const others = Math.max(1, now.pairs - now.matches - now.relatives - now.twins);
  const classes = [
    logs(now.m, now.matches),
    logs(now.u, others),
    logs(relativeNow, now.relatives),
    logs(twinNow, now.twins),
  ];
  const found = { matches: 0, relatives: 0, twins: 0 };
  const matchLevels = new Float64Array(ALL_LEVELS);
  const relativeLevels = new Float64Array(ALL_LEVELS);
  const weight = new Float64Array(4);
  levels.forEach((pattern, at) => {
    let highest = -Infinity;
    classes.forEach(({ mass, table }, name) => {
      let sum = mass;
      for (let comparison = 0; comparison < pattern.length; comparison++)
        sum += table[LEVEL_OFFSETS[comparison] + pattern[comparison]];
      weight[name] = sum;
      if (sum > highest) highest = sum;
    });
    let total = 0;
    for (let name = 0; name < 4; name++) total += weight[name] = Math.exp(weight[name] - highest);
    const share = counts[at] / total;
    const match = weight[0] * share;
    const relative = weight[2] * share;
    const twin = weight[3] * share;
    found.matches += match;
    found.relatives += relative;
    found.twins += twin;
    for (let comparison = 0; comparison < pattern.length; comparison++) {
      const place = LEVEL_OFFSETS[comparison] + pattern[comparison];
      matchLevels[place] += match;
      relativeLevels[place] += relative + twin;
    }
  });
  return {
    m: shares(matchLevels, FIRST_MATCHES, GUESS_PAIRS.match),
    u: strangers(
      universe,
      matchLevels.map((match, at) => match + relativeLevels[at]),
    ),
    relative: shares(relativeLevels, FIRST_RELATIVES, GUESS_PAIRS.relative),
    pairs: now.pairs,
    matches: Math.max(found.matches, 1),
    relatives: Math.max(found.relatives, 0.1),
    twins: Math.max(found.twins, 0.01),
  };
}

function logs(levels: LevelProbabilities, pairs: number): { mass: number; table: Float64Array } {
  const table = new Float64Array(ALL_LEVELS);
  levels.forEach((probabilities, comparison) =>
    probabilities.forEach((probability, level) => {
      table[LEVEL_OFFSETS[comparison] + level] = level === 0 ? 0 : Math.log(probability);
    }),
  );
  return { mass: Math.log(pairs), table };
}

/** Level probabilities of weighted pairs, a first guess added as so many pairs. `missing` is no level: it says nothing. */
function shares(weights: Float64Array, guess: LevelProbabilities, guessPairs: number): number[][] {
  return COMPARISON_NAMES.map((_, comparison) => {
    const from = LEVEL_OFFSETS[comparison];
    const count = LEVEL_COUNTS[comparison];
    let sum = guessPairs;
    for (let level = 1; level < count; level++) sum += weights[from + level];
    return Array.from({ length: count }, (_, level) =>
      level === 0 ? 1 : (weights[from + level] + guessPairs * guess[comparison][level]) / sum,
    );
  });
}

/** Strangers are all pairs less the matches and relatives among them. */
function strangers({ levels, sample, pairs }: Universe, known: Float64Array): number[][] {
  const less = new Float64Array(ALL_LEVELS);
  for (let at = 0; at < ALL_LEVELS; at++) less[at] = Math.max(levels[at] - known[at], levels[at] * STRANGERS_LEFT);
  const scale = Math.min(1, sample / pairs);
  for (let at = 0; at < ALL_LEVELS; at++) less[at] *= scale;
  return shares(less, FIRST_STRANGERS, Math.min(GUESS_STRANGERS.most, sample * GUESS_STRANGERS.share));
}
