import { COMPARISON_NAMES, LEVEL_OFFSETS } from '../engine/comparisons.js';
import { type LevelProbabilities, type Model } from '../engine/model.js';
import { modelWeights } from '../engine/model-weights.js';
import { PREPARATION_VERSION } from '../engine/prepare.js';
import { ROW, ROW_INTS, type TableArrays } from '../engine/record-table.js';
import { maximizeExpectation, type PatternCounts, type Universe } from './expectation-maximization.js';
import { allPairs, exactPairs, type LevelSample } from './random-pairs.js';

/** Where EM finds so many relatives beside the matches, twins are told apart by rule. */
const FAMILIES = { share: 0.02, least: 20 } as const;

/** Seen less often in a sample of all pairs, it was as likely a relative or a match: the first guess says more. */
const LEAST_SEEN = 4;

/** All pairs there are, and how many of them agree at each level: by sample, and exactly where agreement is rare. */
export function universeOf(arrays: TableArrays, sizeA: number | undefined, sample: LevelSample): Universe {
  const records = arrays.rows.length / ROW_INTS;
  const pairs = allPairs(records, sizeA);
  const drawn = sample.pairs < pairs;
  const levels = sample.counts.map((count) => (drawn && count < LEAST_SEEN ? 0 : (count * pairs) / sample.pairs));
  if (drawn) {
    const column = (place: number) => (record: number) => arrays.rows[record * ROW_INTS + place];
    const exact = (name: (typeof COMPARISON_NAMES)[number], read: (record: number) => number): void => {
      levels[LEVEL_OFFSETS[COMPARISON_NAMES.indexOf(name)] + 1] = exactPairs(read, records, sizeA);
    };
    exact('given', column(ROW.given));
    exact('family', column(ROW.family));
    exact('identifier', column(ROW.id));
    exact('email', column(ROW.email));
    exact('birthDate', (record) => {
      const date = column(ROW.birth)(record);
      return date % 10_000 === 101 || date % 100 === 0 ? 0 : date;
    });
  }
  return { pairs, records, levels, sample: sample.pairs };
}

export function trainModel(
  counts: PatternCounts,
  universe: Universe,
  parts: Pick<Model, 'terms' | 'rules' | 'hotKeys' | 'placeholders' | 'thresholds'>,
  candidates: number,
): Model {
  const { iterations, ...estimate } = maximizeExpectation(counts, universe);
  return {
    version: '',
    preparation: PREPARATION_VERSION,
    ...parts,
    ...modelWeights(estimate),
    families: estimate.relatives > FAMILIES.share * estimate.matches && estimate.relatives > FAMILIES.least,
    training: {
      records: universe.records,
      candidates,
      matches: Math.round(estimate.matches),
      relatives: Math.round(estimate.relatives),
      twins: Math.round(estimate.twins),
      iterations,
      m: roundedLevels(estimate.m),
      u: roundedLevels(estimate.u),
      relative: roundedLevels(estimate.relative),
    },
  };
}

/** Level probabilities with as many digits as they deserve. */
export function roundedLevels(levels: LevelProbabilities): number[][] {
  return levels.map((probabilities) => probabilities.map((probability) => Number(probability.toPrecision(4))));
}
