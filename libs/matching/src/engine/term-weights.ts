import { type Model, type TermTable } from './model.js';
import { type TermWeights } from './values.js';

/** The model's frequencies as a function of a text's hashes. */
export function termWeights({ terms }: Pick<Model, 'terms'>): TermWeights {
  const given = lookup(terms.given);
  const family = lookup(terms.family);
  const place = lookup(terms.place);
  const street = lookup(terms.street);
  return (hash, hashHigh) => [
    given(hash, hashHigh),
    family(hash, hashHigh),
    place(hash, hashHigh),
    street(hash, hashHigh),
  ];
}

function lookup({ rare, listed }: TermTable): (hash: number, hashHigh: number) => number {
  const weights = new Map<number, number>();
  for (let at = 0; at < listed.length; at += 3)
    weights.set(listed[at] * 2 ** 20 + (listed[at + 1] & 0xfffff), listed[at + 2]);
  return (hash, hashHigh) => weights.get(hash * 2 ** 20 + (hashHigh & 0xfffff)) ?? rare;
}
