import { household } from './household.js';
import { type Person } from './person.js';

/** The first `count` people of a town, household by household: those of a smaller town are the first of a larger one. */
export function* people(seed: number, count: number): Generator<Person> {
  for (let number = 0, born = 0; born < count; number++) {
    const members = household(seed, number, born).slice(0, count - born);
    yield* members;
    born += members.length;
  }
}
