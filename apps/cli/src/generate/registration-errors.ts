import { FIELD_ERRORS } from './field-errors.js';
import { NAME_ERRORS } from './name-errors.js';
import { type Person } from './person.js';
import { type Random } from './random.js';
import { type Registration } from './registration.js';
import { plainLetters } from './text-errors.js';
import { byWeight } from './weighted.js';

export interface Distorted {
  readonly registration: Registration;
  readonly errors: readonly string[];
}

const ERRORS = byWeight([...NAME_ERRORS, ...FIELD_ERRORS].map((error) => [error, error.weight] as const));

/** How many errors a registration has: most have none. */
const HOW_MANY = byWeight([
  [0, 56],
  [1, 29],
  [2, 12],
  [3, 3],
]);
/** Some desks type all in capitals, some drop what their keyboard does not have. */
const SHARE_IN_CAPITALS = 0.05;
const SHARE_WITHOUT_DIACRITICS = 0.4;
/** Draws before giving up: some people have little that can go wrong. */
const MOST_DRAWS = 24;

/** The registration with the small errors of a real desk: at least `atLeast`, where that can be. */
export function distort(random: Random, clean: Registration, person: Person, atLeast = 0): Distorted {
  const wanted = Math.max(atLeast, HOW_MANY.draw(random));
  const touched = new Set<string>();
  const errors: string[] = [];
  let registration = clean;
  for (let draws = 0; errors.length < wanted && draws < MOST_DRAWS; draws++) {
    const error = ERRORS.draw(random);
    if (error.touches.some((field) => touched.has(field))) continue;
    const changed = error.apply(random, registration, person);
    if (changed === undefined) continue;
    registration = changed;
    errors.push(error.kind);
    error.touches.forEach((field) => touched.add(field));
  }
  return inStyle(random, { registration, errors });
}

/** The habits of writing that change every name at once, after all else. */
function inStyle(random: Random, { registration, errors }: Distorted): Distorted {
  const rewritten = (kind: string, rewrite: (text: string) => string): Distorted => ({
    registration: {
      ...registration,
      family: registration.family && rewrite(registration.family),
      given: registration.given.map(rewrite),
    },
    errors: [...errors, kind],
  });
  const names = [...registration.given, registration.family ?? ''].join(' ');
  if (plainLetters(names) !== names && random.chance(SHARE_WITHOUT_DIACRITICS))
    return rewritten('diacritics', plainLetters);
  if (random.chance(SHARE_IN_CAPITALS)) return rewritten('capitals', (text) => text.toUpperCase());
  return { registration, errors };
}
