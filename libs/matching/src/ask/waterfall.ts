import { type Explanation } from '../engine/match-engine.js';
import { type Thresholds } from '../engine/model.js';

/** One step of a waterfall: from where the steps before it end to where it ends, in thousandths of a bit. */
export interface Step {
  /** `prior`, a comparison's name, or `rule`. */
  field: string;
  /** How well the two agree in it, in words; nothing of what the records say. */
  level: string;
  weight: number;
  from: number;
  to: number;
}

/** Why two records have their score: it begins at the prior, each comparison moves it, and it ends at the total. */
export interface Waterfall {
  steps: Step[];
  total: number;
  /** What the records would be if they are not of one person: strangers, relatives or twins. */
  against: Explanation['against'];
  thresholds: Thresholds;
  verdict: 'link' | 'review' | 'none';
  /** The probability that they are of one person, before any rule. */
  probability: number;
}

/** The steps with the heaviest first; what both or one of them lack moves nothing and is left out. */
export function waterfallOf(
  { prior, comparisons, rule, total, against }: Explanation,
  thresholds: Thresholds,
): Waterfall {
  const told = comparisons
    .filter(({ level, weight }) => weight !== 0 || level !== 'missing')
    .sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
  const parts = [
    { field: 'prior', level: `before anything is compared, against ${AGAINST[against]}`, weight: prior },
    ...told.map(({ field, level, weight }) => ({ field: FIELDS[field] ?? field, level, weight })),
    ...(rule ? [{ field: 'rule', level: RULES[rule.name], weight: rule.weight }] : []),
  ];
  let reached = 0;
  const steps = parts.map((part): Step => ({ ...part, from: reached, to: (reached += part.weight) }));
  return {
    steps,
    total,
    against,
    thresholds,
    verdict: total >= thresholds.link ? 'link' : total >= thresholds.review ? 'review' : 'none',
    probability: probabilityOf(total),
  };
}

/** Of log-odds in thousandths of a bit: 0 is even odds, 1000 two to one. */
export function probabilityOf(score: number): number {
  return 1 / (1 + 2 ** (-score / 1000));
}

/** One sentence a step, for people. */
export function inWords({ steps, total, verdict, thresholds }: Waterfall): string {
  const told = steps.map(({ field, level, weight }) => `${field}: ${level} (${bits(weight)})`);
  const outcome = {
    link: `at or above ${bits(thresholds.link)}: linked`,
    review: `from ${bits(thresholds.review)} up to ${bits(thresholds.link)}: a steward is asked`,
    none: `below ${bits(thresholds.review)}: not linked`,
  }[verdict];
  return `${told.join('; ')}. In all ${bits(total)} bits, ${outcome}.`;
}

/** Thousandths of a bit as bits with a sign. */
export function bits(weight: number): string {
  return `${weight < 0 ? '−' : '+'}${(Math.abs(weight) / 1000).toFixed(1)}`;
}

const FIELDS: Readonly<Record<string, string>> = {
  given: 'given name',
  family: 'family name',
  birthDate: 'birth date',
  place: 'address and phone',
  email: 'e-mail',
  middle: 'middle name',
  mother: "mother's name",
};

const AGAINST = { random: 'strangers', relative: 'relatives', twin: 'twins' } as const;

const RULES: Readonly<Record<string, string>> = {
  suffix: 'different generations of one name are two people',
  twin: 'twins: one birth date and home, two given names',
};
