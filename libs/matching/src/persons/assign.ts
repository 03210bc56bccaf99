import { type RecordName } from './person-entries.js';
import { reassign, type PersonBefore, type PersonChange } from './reassign.js';

/**
 * Gives clusters of records to persons, and says what changes. A person stays where most of its records are (where as
 * many are in two clusters: with the one that it has had longest). Where several stay in one cluster the oldest keeps its
 * id and absorbs the others. A cluster without one takes up the person that its records were of last, when that one is
 * empty; otherwise one is born.
 * @param clusters disjoint, each in order of names, together in order of their first names.
 * @param persons all whose records are in the clusters, and empty ones.
 */
export function assignPersons(
  clusters: readonly (readonly RecordName[])[],
  persons: readonly PersonBefore[],
  newId: (first: RecordName) => string,
): PersonChange[] {
  const clusterOf = new Map<RecordName, number>();
  clusters.forEach((records, at) => records.forEach((name) => clusterOf.set(name, at)));
  const homes = new Map(persons.map((person) => [person, homeOf(person, clusterOf)]));
  const claims = clusters.map((): PersonBefore[] => []);
  for (const person of persons) {
    const home = homes.get(person);
    if (person.state === 'active' && home !== undefined) claims[home].push(person);
  }
  for (const person of persons.filter(({ state }) => state === 'empty').sort(byAge)) {
    const home = homes.get(person);
    if (home !== undefined && claims[home].length === 0) claims[home].push(person);
  }
  const ids = clusters.map((records, at) => claims[at].sort(byAge)[0]?.id ?? newId(records[0]));
  const owners = new Map<RecordName, string>();
  for (const [name, at] of clusterOf) owners.set(name, ids[at]);
  return reassign(persons, owners, (person) => {
    const home = homes.get(person);
    return home === undefined ? undefined : ids[home];
  });
}

/** The cluster that has most of a person's records. */
function homeOf({ members }: PersonBefore, clusterOf: ReadonlyMap<RecordName, number>): number | undefined {
  const parts = new Map<number, { count: number; since: number; name: RecordName }>();
  for (const [name, since] of members) {
    const at = clusterOf.get(name);
    if (at === undefined) continue;
    const part = parts.get(at);
    if (!part) parts.set(at, { count: 1, since, name });
    else {
      part.count += 1;
      if (since < part.since || (since === part.since && name < part.name)) Object.assign(part, { since, name });
    }
  }
  const [best] = [...parts].sort(
    ([, a], [, b]) => b.count - a.count || a.since - b.since || (a.name < b.name ? -1 : 1),
  );
  return best?.[0];
}

function byAge(a: PersonBefore, b: PersonBefore): number {
  return a.born - b.born || (a.id < b.id ? -1 : 1);
}
