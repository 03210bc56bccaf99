import { type RecordName } from './person-entries.js';

/** A person before a decision. */
export interface PersonBefore {
  id: string;
  version: number;
  /** Seq of its first entry: the lower, the older. */
  born: number;
  /** Of a person without records now `members` are those that were its last, as far as they count. */
  state: 'active' | 'empty' | 'absorbed';
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
 * What changes when records are of other persons than before.
 * @param persons all that have one of the records, or are to have one; a person that is not among them is born.
 * @param owners of every record that is somebody's afterwards: the person's id.
 * @param intoOf who absorbs a person that is left without records; undefined: nobody, it is empty.
 * @returns in the order of `persons`, then those that are born in the order of their first records.
 */
export function reassign(
  persons: readonly PersonBefore[],
  owners: ReadonlyMap<RecordName, string>,
  intoOf: (person: PersonBefore) => string | undefined,
): PersonChange[] {
  const before = new Map<RecordName, string>();
  const wasActive = new Set<string>();
  for (const { id, state, members } of persons) {
    if (state !== 'active') continue;
    wasActive.add(id);
    for (const name of members.keys()) before.set(name, id);
  }
  const after = new Map<string, RecordName[]>();
  for (const name of [...owners.keys()].sort()) {
    const owner = owners.get(name)!;
    const members = after.get(owner);
    if (members) members.push(name);
    else after.set(owner, [name]);
  }
  const absorbing = new Set<string>();
  const gone = new Map<string, string | undefined>();
  for (const person of persons) {
    if (person.state !== 'active' || after.has(person.id)) continue;
    const into = intoOf(person);
    gone.set(person.id, into);
    if (into !== undefined) absorbing.add(into);
  }
  const change = (id: string, person: PersonBefore | undefined): PersonChange | undefined => {
    const had = person?.state === 'active' ? [...person.members.keys()].sort() : [];
    const members = after.get(id) ?? [];
    const has = new Set(members);
    const added = members.filter((name) => before.get(name) !== id);
    const removed = had.filter((name) => !has.has(name));
    if (added.length === 0 && removed.length === 0) return undefined;
    const from = distinct(added.map((name) => before.get(name)));
    const to = distinct(removed.map((name) => owners.get(name)));
    const base = { id, version: person?.version, members, added, removed, from, to };
    if (gone.has(id)) {
      const into = gone.get(id);
      return into === undefined
        ? { ...base, kind: 'person.unlink', state: 'empty' }
        : { ...base, kind: 'person.merge', state: 'absorbed', into };
    }
    const isSplit = wasActive.has(id) ? to.some((other) => !wasActive.has(other)) : from.length > 0;
    const kind = absorbing.has(id)
      ? 'person.merge'
      : isSplit
        ? 'person.split'
        : added.length > 0
          ? 'person.link'
          : 'person.unlink';
    return { ...base, kind, state: 'active' };
  };
  const known = new Set(persons.map(({ id }) => id));
  const born = [...after.keys()].filter((id) => !known.has(id));
  return [...persons.map((person) => change(person.id, person)), ...born.map((id) => change(id, undefined))].filter(
    (one) => one !== undefined,
  );
}

function distinct(values: readonly (string | undefined)[]): string[] {
  return [...new Set(values.filter((value) => value !== undefined))].sort();
}
