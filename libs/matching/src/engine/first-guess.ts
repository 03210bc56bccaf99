import { COMPARISON_NAMES, COMPARISONS, type Comparison, LEVEL_COUNTS } from './comparisons.js';
import { type LevelProbabilities } from './model.js';

/**
 * What one expects before seeing any data: where EM begins, and what it falls back on for levels that hardly occur. In
 * the order of COMPARISONS, without `missing`; made from registries' published error rates and rounded.
 */
const MATCHES: Readonly<Record<Comparison, readonly number[]>> = {
  given: [0.79, 0.06, 0.03, 0.015, 0.015, 0.03, 0.025, 0.015, 0.003, 0.005, 0.007, 0.005],
  family: [0.86, 0.06, 0.015, 0.025, 0.04],
  birthDate: [0.87, 0.05, 0.012, 0.012, 0.015, 0.006, 0.01, 0.01, 0.015],
  identifier: [0.93, 0.03, 0.02, 0.02],
  place: placeGuess(
    { home: 0.66, street: 0.05, numberAndStreet: 0.01, numberAndArea: 0.04, area: 0.08, other: 0.16 },
    [0.78, 0.04, 0.18],
  ),
  sex: [0.985, 0.015],
  email: [0.75, 0.08, 0.1, 0.07],
  middle: [0.82, 0.1, 0.08],
  mother: [0.93, 0.07],
};

const STRANGERS: Readonly<Record<Comparison, readonly number[]>> = {
  given: [0.006, 0.003, 0.003, 0.0005, 0.0008, 0.02, 0.9545, 0.00002, 0.0002, 0.002, 0.002, 0.008],
  family: [0.0025, 0.0015, 0.0003, 0.016, 0.9797],
  birthDate: [0.00004, 0.0009, 0.00002, 0.006, 0.0011, 0.002, 0.0125, 0.0003, 0.97714],
  identifier: [0.000002, 0.000005, 0.000001, 0.999992],
  place: placeGuess(
    { home: 0.00002, street: 0.0002, numberAndStreet: 0.00002, numberAndArea: 0.00005, area: 0.006, other: 0.99371 },
    [0.00001, 0.00003, 0.99996],
  ),
  sex: [0.5, 0.5],
  email: [0.00002, 0.0001, 0.0002, 0.99968],
  middle: [0.03, 0.06, 0.91],
  mother: [0.05, 0.95],
};

const RELATIVES: Readonly<Record<Comparison, readonly number[]>> = {
  ...STRANGERS,
  family: [0.75, 0.05, 0.03, 0.03, 0.14],
  identifier: [0.02, 0.001, 0.009, 0.97],
  place: placeGuess(
    { home: 0.7, street: 0.035, numberAndStreet: 0.005, numberAndArea: 0.02, area: 0.08, other: 0.16 },
    [0.5, 0.02, 0.48],
  ),
  email: [0.2, 0.02, 0.03, 0.75],
  mother: [0.7, 0.3],
};

export const FIRST_MATCHES: LevelProbabilities = withMissing(MATCHES);
export const FIRST_STRANGERS: LevelProbabilities = withMissing(STRANGERS);
export const FIRST_RELATIVES: LevelProbabilities = withMissing(RELATIVES);

/** Address and phone levels together, as if each said nothing of the other. */
function placeGuess(address: Record<string, number>, phone: readonly number[]): number[] {
  const addresses = [1, ...Object.values(address)];
  const phones = [1, ...phone];
  const joint = addresses.flatMap((a) => phones.map((p) => a * p)).slice(1);
  const total = joint.reduce((sum, value) => sum + value, 0);
  return joint.map((value) => value / total);
}

function withMissing(guess: Readonly<Record<Comparison, readonly number[]>>): LevelProbabilities {
  return COMPARISON_NAMES.map((name, comparison) => {
    if (guess[name].length !== LEVEL_COUNTS[comparison] - 1)
      throw new Error(`the first guess of ${name} knows other levels than ${COMPARISONS[name].join(', ')}`);
    return [1, ...guess[name]];
  });
}
