import { foldText, wordsOf } from './fold-text.js';

const TITLES = new Set(['mr', 'mrs', 'ms', 'miss', 'dr', 'prof', 'rev', 'sir', 'dame', 'mister', 'master', 'mstr']);
const SUFFIXES: Readonly<Record<string, number>> = {
  sr: 1,
  senior: 1,
  '1st': 1,
  jr: 2,
  jnr: 2,
  junior: 2,
  ii: 2,
  '2nd': 2,
  iii: 3,
  '3rd': 3,
  iv: 4,
  '4th': 4,
  '5th': 5,
};
const PARTICLES = new Set(
  'van von der den de del della di da dos das la le los el al bin ibn ben st saint san santa mac mc o y e ter ten af av zu'.split(
    ' ',
  ),
);
/** Words that stand where a given name is not known yet. */
const NEWBORN = new Set(
  'baby babyboy babygirl boy girl newborn infant male female twin twina twinb triplet bb bg child neonate'.split(' '),
);
const NEWBORN_REST = new Set('a b c d of one two three 1 2 3 i ii iii unknown'.split(' '));
const NO_NAME = new Set(
  (
    'unknown unk unkn unnamed noname none null nil na nfn fnu lnu nmi nmn test testing tester dummy anonymous patient ' +
    'donotuse invalid error deleted duplicate notgiven notprovided notknown refused declined tba tbd xx xxx xxxx zzz zzzz'
  ).split(' '),
);
const ORDERS: Readonly<Record<string, number>> = {
  a: 1,
  one: 1,
  1: 1,
  i: 1,
  twina: 1,
  b: 2,
  two: 2,
  2: 2,
  ii: 2,
  twinb: 2,
  c: 3,
  three: 3,
  3: 3,
  iii: 3,
};

/** A name as it is compared: its letters without breaks, and its parts where it has several. */
export interface NameText {
  text: string;
  parts: readonly string[];
}

const MAX_RAW = 200;
const MAX_WORDS = 12;
const MAX_TEXT = 60;
const MAX_PARTS = 3;
const REPEATED = /^(.)\1{2,}$/u;
const NUMBER = /^\d*$/;

export const NO_TEXT: NameText = { text: '', parts: [] };

/** A given or family name, with what was found in it beside the name. */
export interface ParsedName extends NameText {
  /** Generation: 1 senior, 2 junior or II, 3, … ; 0 not said. */
  suffix: number;
  /** Birth order said in place of a name ("Baby Boy A"); 0 not said. */
  order: number;
  /** An initial after a given name ("John Q"), else empty. */
  middle: string;
}

const NOTHING: ParsedName = { text: '', parts: [], suffix: 0, order: 0, middle: '' };

/** Reads a given name; a placeholder ("Unknown", "Baby Boy") gives no text. */
export function parseGiven(raw: string): ParsedName {
  const words = nameWords(raw);
  if (isNewborn(words)) return { ...NOTHING, order: orderOf(words) };
  const suffix = takeSuffix(words);
  const middle = words.length > 1 && words[words.length - 1].length === 1 ? (words.pop() as string) : '';
  return { ...textOf(words), suffix, order: 0, middle };
}

/** Reads a family name; a placeholder gives no text. */
export function parseFamily(raw: string): ParsedName {
  const words = nameWords(raw);
  const suffix = takeSuffix(words);
  return { ...textOf(words), suffix, order: 0, middle: '' };
}

function nameWords(raw: string): string[] {
  const words = wordsOf(raw.slice(0, MAX_RAW)).slice(0, MAX_WORDS);
  while (words.length > 1 && TITLES.has(words[0])) words.shift();
  return words;
}

function takeSuffix(words: string[]): number {
  let suffix = 0;
  while (words.length > 1 && SUFFIXES[words[words.length - 1]] !== undefined) suffix = SUFFIXES[words.pop() as string];
  return suffix;
}

function textOf(words: readonly string[]): NameText {
  const text = words.join('').slice(0, MAX_TEXT);
  if (NO_NAME.has(text) || REPEATED.test(text) || NUMBER.test(text)) return NO_TEXT;
  if (words.length === 1) return { text, parts: [] };
  return { text, parts: words.filter((word) => word.length > 1 && !PARTICLES.has(word)).slice(0, MAX_PARTS) };
}

/** A generational suffix sent in a field of its own: 0 where it says none (PhD, MD). */
export function parseSuffix(raw: string): number {
  return SUFFIXES[foldText(raw).replace(/[^\p{L}\p{N}]/gu, '')] ?? 0;
}

function isNewborn(words: readonly string[]): boolean {
  return words.some((word) => NEWBORN.has(word)) && words.every((word) => NEWBORN.has(word) || NEWBORN_REST.has(word));
}

function orderOf(words: readonly string[]): number {
  for (const word of words) if (ORDERS[word] !== undefined) return ORDERS[word];
  return 0;
}
