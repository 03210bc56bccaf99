import { type Random } from './random.js';

/** Slips of the hand, as pure functions of a text. Each gives undefined where it cannot change the text. */

const KEYBOARD_ROWS = ['qwertyuiop', 'asdfghjkl', 'zxcvbnm'];
/** Shorter words become other names rather than slips. */
const SHORTEST_WORD = 4;

/** One slip in a word: a neighbouring key, a letter left out, doubled, or two turned round. The first letter stays. */
export function typo(random: Random, word: string): string | undefined {
  const letters = Array.from(word);
  if (letters.length < SHORTEST_WORD) return undefined;
  const at = random.between(1, letters.length - 2);
  switch (random.below(4)) {
    case 0:
      letters[at] = neighbour(random, letters[at]!);
      break;
    case 1:
      letters.splice(at, 1);
      break;
    case 2:
      letters.splice(at, 0, letters[at]!);
      break;
    default:
      [letters[at], letters[at + 1]] = [letters[at + 1]!, letters[at]!];
  }
  const slipped = letters.join('');
  return slipped === word ? undefined : slipped;
}

function neighbour(random: Random, letter: string): string {
  const row = KEYBOARD_ROWS.find((keys) => keys.includes(letter.toLowerCase()));
  if (row === undefined) return 'e';
  const at = row.indexOf(letter.toLowerCase());
  const beside = at === 0 ? 1 : at === row.length - 1 ? at - 1 : at + random.pick([-1, 1]);
  return letter === letter.toLowerCase() ? row[beside]! : row[beside]!.toUpperCase();
}

/** One digit of the text replaced by another. */
export function oneDigitOff(random: Random, text: string): string | undefined {
  const places = Array.from(text, (char, at) => ({ char, at })).filter(({ char }) => char >= '0' && char <= '9');
  if (places.length === 0) return undefined;
  const { char, at } = random.pick(places);
  const digit = (Number(char) + random.between(1, 9)) % 10;
  return text.slice(0, at) + digit + text.slice(at + 1);
}

/** Letters that Unicode does not decompose, and what a clerk types for them. */
const WITHOUT_DECOMPOSITION: Readonly<Record<string, string>> = { Ø: 'O', ø: 'o', Ł: 'L', ł: 'l', ð: 'd', Ð: 'D' };

/** The text without diacritics: `Núñez` becomes `Nunez`, `Łukasik` becomes `Lukasik`. */
export function plainLetters(text: string): string {
  return text.normalize('NFD').replace(/[\u0300-\u036f]|[ØøŁłðÐ]/g, (char) => WITHOUT_DECOMPOSITION[char] ?? '');
}
