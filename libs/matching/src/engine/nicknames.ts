import { NICKNAMES } from './nicknames.data.js';

const formalNames = new Map<string, number[]>();

NICKNAMES.split('\n').forEach((line, at) => {
  for (const name of line.split(' ')) {
    const known = formalNames.get(name);
    if (known) known.push(at);
    else formalNames.set(name, [at]);
  }
});

/**
 * The formal names (as ascending numbers) that a name is or is short for. Two names are forms of one where they share a
 * number: bill and will by william; ron and aaron by aaron, but not aaron and ronald.
 */
export function formalNamesOf(name: string): readonly number[] {
  return formalNames.get(name) ?? [];
}
