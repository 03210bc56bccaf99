import { type Pool } from 'pg';
import { type RecordName } from '../persons/person-entries.js';
import {
  formerPersons,
  openReviews,
  personsWith,
  type OpenReview,
  type Standing,
} from '../persons/standing-persons.js';
import { type PersonBefore } from '../persons/reassign.js';
import { connected } from './neighbourhood.js';
import { type RecordIndex } from './record-index.js';
import { type Rulings } from './rulings.js';

/** All that a change of some records may touch, and the persons that hold it. */
export interface Closure {
  /** Records in the index, each with all that it hangs together with. */
  names: Set<RecordName>;
  persons: PersonBefore[];
  reviews: OpenReview[];
}

/**
 * Goes on from the records that changed, over what hangs together and over what is one person now, until there is nothing
 * more: what is left out is as it was.
 * @param newcomers of those that changed, the ones that the standing cannot know: it is not asked for them.
 */
export async function closureOf(
  pool: Pool,
  standing: Standing,
  index: RecordIndex,
  rulings: Rulings,
  changed: ReadonlySet<RecordName>,
  newcomers: ReadonlySet<RecordName> = new Set(),
): Promise<Closure> {
  const names = connected(index, rulings, changed);
  const persons = new Map<string, PersonBefore>();
  const former: PersonBefore[] = [];
  const reviews: OpenReview[] = [];
  const asked = new Set<RecordName>(newcomers);
  const first = [...changed, ...names].filter((name) => !asked.has(name));
  for (let toAsk = new Set(first); toAsk.size > 0;) {
    for (const name of toAsk) asked.add(name);
    const wanted = [...toAsk];
    // At once, since mostly there is but one round.
    const [found, empty, waiting] = await Promise.all([
      personsWith(pool, standing, wanted),
      formerPersons(
        pool,
        standing,
        wanted.filter((name) => names.has(name)),
      ),
      openReviews(pool, standing, wanted),
    ]);
    former.push(...empty);
    reviews.push(...waiting);
    toAsk = new Set();
    for (const person of found) {
      if (persons.has(person.id)) continue;
      persons.set(person.id, person);
      for (const name of person.members.keys()) {
        if (asked.has(name)) continue;
        toAsk.add(name);
        for (const other of connected(index, rulings, [name])) {
          names.add(other);
          if (!asked.has(other)) toAsk.add(other);
        }
      }
    }
  }
  return { names, persons: [...persons.values(), ...onceById(former)], reviews: onceByTask(reviews) };
}

/** A person may have been asked for twice, by records of its own each: it has them all. */
function onceById(persons: readonly PersonBefore[]): PersonBefore[] {
  const byId = new Map<string, PersonBefore>();
  for (const person of persons) {
    const known = byId.get(person.id);
    const members = new Map([...(known?.members ?? []), ...person.members]);
    byId.set(person.id, { ...person, members });
  }
  return [...byId.values()];
}

function onceByTask(reviews: readonly OpenReview[]): OpenReview[] {
  return [...new Map(reviews.map((review) => [review.task, review])).values()];
}
