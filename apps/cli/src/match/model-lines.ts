import { COMPARISON_NAMES, COMPARISONS, type Model } from '@chartledger/matching';
import { thousands } from '../output.js';

/** What a model has learned, comparison by comparison: how often each level is met, and what it weighs. */
export function modelLines({
  version,
  thresholds,
  families,
  training,
  weights,
  rules,
  hotKeys,
  placeholders,
}: Model): string[] {
  const { records, candidates, matches, relatives, twins, iterations, m, u } = training;
  const { certain, link, review } = thresholds;
  return [
    `model ${version}`,
    `trained on ${thousands(records)} records, ${thousands(candidates)} pairs compared, ${iterations} iterations`,
    `${thousands(matches)} pairs of one person expected, ${thousands(relatives)} of relatives, ${thousands(twins)} of twins; twins are ${families ? '' : 'not '}told apart by rule`,
    `linked from ${bits(link)} bits, asked about from ${bits(review)}, certain from ${bits(certain)}`,
    `${rules.length} blocking rules, ${thousands(hotKeys.length)} keys that are too frequent, ${thousands(placeholders.length)} codes and dates that are nobody's own`,
    '',
    row('level', 'm: one person', 'u: strangers', 'weight, bits'),
    ...COMPARISON_NAMES.flatMap((name, comparison) => [
      name,
      ...COMPARISONS[name].slice(1).map((level, at) => {
        const place = at + 1;
        return row(
          `  ${level}`,
          probability(m[comparison][place]),
          probability(u[comparison][place]),
          bits(weights.random[comparison][place]),
        );
      }),
    ]),
  ];
}

const WIDTHS = [44, 14, 14, 14] as const;

function row(...cells: readonly [string, string, string, string]): string {
  return cells.map((cell, at) => (at === 0 ? cell.padEnd(WIDTHS[at]) : cell.padStart(WIDTHS[at]))).join('');
}

function probability(value: number): string {
  return value >= 0.001 ? value.toFixed(4) : value.toExponential(1);
}

/** Thousandths of a bit as bits. */
export function bits(thousandths: number): string {
  return `${thousandths > 0 ? '+' : ''}${(thousandths / 1000).toFixed(1)}`;
}
