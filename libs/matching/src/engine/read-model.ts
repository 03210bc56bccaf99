import { BLOCKING_RULES } from './blocking-keys.js';
import { COMPARISON_NAMES, LEVEL_COUNTS } from './comparisons.js';
import { DEFAULT_MODEL } from './default-model.js';
import { type Model } from './model.js';
import { versionOf } from './model-version.js';
import { PREPARATION_VERSION } from './prepare.js';

/** No model that this program can match by; says the place in it, such as `weights.random[3][2]`. */
export class ModelFault extends Error {
  constructor(
    readonly place: string,
    readonly fault: string,
  ) {
    super(`${place} ${fault}`);
  }
}

type Check = (value: unknown, place: string) => void;

const MEMBERS: Readonly<Record<keyof Model, Check>> = {
  version: text,
  preparation: (value, place) =>
    must(
      value === PREPARATION_VERSION,
      place,
      `must be ${PREPARATION_VERSION}, which this program prepares records by: train it anew`,
    ),
  thresholds: (value, place) => {
    const { certain, link, review } = members(value, place, { certain: whole, link: whole, review: whole });
    must(Number(certain) >= Number(link) && Number(link) >= Number(review), place, 'must fall: certain, link, review');
  },
  prior: (value, place) => void members(value, place, { random: whole, relative: whole, twin: whole }),
  weights: (value, place) =>
    void members(value, place, { random: levels(whole), relative: levels(whole), twin: levels(whole) }),
  families: (value, place) => must(typeof value === 'boolean', place, 'must be true or false'),
  terms: (value, place) => void members(value, place, { given: terms, family: terms, place: terms, street: terms }),
  rules: (value, place) => {
    const rules = list(value, place, ruleNumber);
    must(rules.length > 0 && new Set(rules).size === rules.length, place, 'must name at least one rule, each once');
  },
  hotKeys: (value, place) => void list(value, place, key),
  placeholders: (value, place) => void list(value, place, key),
  training: (value, place) =>
    void members(value, place, {
      records: count,
      candidates: count,
      matches: count,
      relatives: count,
      twins: count,
      iterations: count,
      m: levels(probability),
      u: levels(probability),
      relative: levels(probability),
    }),
};

/**
 * Reads a model that came from outside, such as a file's JSON. What is returned is what was checked and nothing else.
 * @throws ModelFault for what this program cannot match by, or what is not the model that its version names.
 */
export function readModel(value: unknown): Model {
  const model = members(value, '', MEMBERS) as unknown as Model;
  const hash = versionOf(model);
  const version = hash === versionOf(DEFAULT_MODEL) ? DEFAULT_MODEL.version : hash;
  must(model.version === version, 'version', `must be ${version}, by what the model says: was it changed by hand?`);
  return model;
}

/** @throws ModelFault also for a text that is no JSON. */
export function readModelText(text: string): Model {
  return readModel(parsed(text));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const at = /position (\d+)/.exec((error as Error).message)?.[1];
    throw new ModelFault('the file', `must be JSON: it is not${at === undefined ? '' : ` from character ${at} on`}`);
  }
}

function must(holds: boolean, place: string, fault: string): void {
  if (!holds) throw new ModelFault(place || 'a model', fault);
}

function members<K extends string>(
  value: unknown,
  place: string,
  checks: Readonly<Record<K, Check>>,
): Record<K, unknown> {
  must(typeof value === 'object' && value !== null && !Array.isArray(value), place, 'must be an object');
  const given = value as Record<string, unknown>;
  const at = (name: string): string => (place === '' ? name : `${place}.${name}`);
  for (const name of Object.keys(given)) must(Object.hasOwn(checks, name), at(name), 'is nothing that a model has');
  const read = {} as Record<K, unknown>;
  for (const name of Object.keys(checks) as K[]) {
    must(Object.hasOwn(given, name), at(name), 'is missing');
    checks[name](given[name], at(name));
    read[name] = given[name];
  }
  return read;
}

function list(value: unknown, place: string, check: Check): readonly unknown[] {
  must(Array.isArray(value), place, 'must be a list');
  const items = value as unknown[];
  items.forEach((item, at) => check(item, `${place}[${at}]`));
  return items;
}

/** Comparison after comparison, as many numbers as it has levels. */
function levels(check: Check): Check {
  return (value, place) => {
    const comparisons = list(value, place, (one, at) => void list(one, at, check)) as unknown[][];
    must(comparisons.length === COMPARISON_NAMES.length, place, `must have ${COMPARISON_NAMES.length} comparisons`);
    comparisons.forEach((one, at) =>
      must(
        one.length === LEVEL_COUNTS[at],
        `${place}[${at}]`,
        `must have the ${LEVEL_COUNTS[at]} levels of ${COMPARISON_NAMES[at]}`,
      ),
    );
  };
}

function terms(value: unknown, place: string): void {
  const { listed } = members(value, place, { rare: whole, listed: (one, at) => void list(one, at, whole) });
  must((listed as unknown[]).length % 3 === 0, `${place}.listed`, 'must be triples: two hashes and a weight');
}

/** Weights and hashes are of 32 bits: sums of a few of them are exact. */
function whole(value: unknown, place: string): void {
  must(
    typeof value === 'number' && Math.abs(value) <= 2 ** 32 && Number.isInteger(value),
    place,
    'must be an integer of 32 bits',
  );
}

function key(value: unknown, place: string): void {
  must(Number.isSafeInteger(value), place, 'must be an integer below 2^53');
}

function count(value: unknown, place: string): void {
  must(Number.isSafeInteger(value) && (value as number) >= 0, place, 'must be an integer, 0 or more');
}

function probability(value: unknown, place: string): void {
  must(typeof value === 'number' && value >= 0 && value <= 1, place, 'must be a probability, 0 to 1');
}

function ruleNumber(value: unknown, place: string): void {
  must(
    Number.isInteger(value) && (value as number) >= 0 && (value as number) < BLOCKING_RULES.length,
    place,
    `must be the number of a blocking rule, 0 to ${BLOCKING_RULES.length - 1}`,
  );
}

function text(value: unknown, place: string): void {
  must(typeof value === 'string' && value !== '', place, 'must be a text');
}
