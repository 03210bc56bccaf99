import { type RecordName } from './person-entries.js';

/** A person before a decision. */
export interface PersonBefore {
  id: string;
  version: number;
  /** Seq of its first entry: the lower, the older. */
  born: number;
  /** An empty person has no records now; `members` are those that were its last. */
  state: 'active' | 'empty';
  /** Each with the seq since when. */
  members: ReadonlyMap<RecordName, number>;
}

export type ChangeKind = 'person.link' | 'person.unlink' | 'person.merge' | 'person.split';

/** The next version of a person. */
export interface PersonChange {
  id: string;
  kind: ChangeKind;
  /** The version that it was at; undefined for one that is born. */
  version: number | undefined;
  state: 'active' | 'absorbed' | 'empty';
  into?: string;
  members: RecordName[];
  added: RecordName[];
  removed: RecordName[];
  /** Ids of the persons that added records were of, and that removed ones are of now. */
  from: string[];
  to: string[];
}

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
  const claims = clusters.map((): PersonBefore[] => []);
  const homeless: PersonBefore[] = [];
  for (const person of persons.filter(({ state }) => state === 'active')) {
    const home = homeOf(person, clusterOf);
    if (home === undefined) homeless.push(person);
    else claims[home].push(person);
  }
  for (const person of persons.filter(({ state }) => state === 'empty').sort(byAge)) {
    const home = homeOf(person, clusterOf);
    if (home !== undefined && claims[home].length === 0) claims[home].push(person);
  }
  const owners = clusters.map((records, at) => {
    const [survivor] = claims[at].sort(byAge);
    return survivor?.id ?? newId(records[0]);
  });
  const before = new Map<RecordName, string>();
  for (const { id, state, members } of persons) {
    if (state === 'active') for (const name of members.keys()) before.set(name, id);
  }
  const ownerOf = (name: RecordName): string | undefined => {
    const at = clusterOf.get(name);
    return at === undefined ? undefined : owners[at];
  };
  const born = new Set(owners.filter((_, at) => claims[at].length === 0));
  const changes = clusters.flatMap((records, at) => {
    const [survivor, ...absorbed] = claims[at];
    const own = survivorChange(owners[at], survivor, records, absorbed, before, ownerOf, born);
    return [...(own ? [own] : []), ...absorbed.map((person) => goneChange(person, ownerOf, owners[at]))];
  });
  return [...changes, ...homeless.map((person) => goneChange(person, ownerOf))];
}

function survivorChange(
  id: string,
  survivor: PersonBefore | undefined,
  records: readonly RecordName[],
  absorbed: readonly PersonBefore[],
  before: ReadonlyMap<RecordName, string>,
  ownerOf: (name: RecordName) => string | undefined,
  born: ReadonlySet<string>,
): PersonChange | undefined {
  const had = survivor?.state === 'active' ? survivor.members : new Map<RecordName, number>();
  const has = new Set(records);
  const added = records.filter((name) => !had.has(name));
  const removed = [...had.keys()].filter((name) => !has.has(name)).sort();
  if (survivor && added.length === 0 && removed.length === 0) return undefined;
  const from = distinct(added.map((name) => before.get(name)));
  const to = distinct(removed.map(ownerOf));
  const isSplit = survivor ? to.some((other) => born.has(other)) : from.length > 0;
  const kind =
    absorbed.length > 0
      ? 'person.merge'
      : isSplit
        ? 'person.split'
        : added.length > 0
          ? 'person.link'
          : 'person.unlink';
  return { id, kind, version: survivor?.version, state: 'active', members: [...records], added, removed, from, to };
}

/** Of a person that has no records any more. */
function goneChange(
  { id, version, members }: PersonBefore,
  ownerOf: (name: RecordName) => string | undefined,
  into?: string,
): PersonChange {
  const removed = [...members.keys()].sort();
  const gone = { id, version, members: [], added: [], removed, from: [], to: distinct(removed.map(ownerOf)) };
  return into === undefined
    ? { ...gone, kind: 'person.unlink', state: 'empty' }
    : { ...gone, kind: 'person.merge', state: 'absorbed', into };
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

function distinct(values: readonly (string | undefined)[]): string[] {
  return [...new Set(values.filter((value) => value !== undefined))].sort();
}
