/** A Patient record that is, or is part of, a subject. */
export interface Member {
  source: string;
  chain: number;
  patient: string;
  /** The seq of the last change, up to the position asked for, of the records that the logic can read. */
  changed: number;
}

/** Whom a measure is evaluated for: a person with all of its Patient records, or a Patient who is no known person's. */
export interface Subject {
  /** `Person/id`, or `source/Patient/id`. */
  name: string;
  /** By source and id; never empty. */
  members: Member[];
}

/** Which person each Patient is, by `source/id`. */
export type Persons = ReadonlyMap<string, string>;

/** Joins Patients of all sources to subjects, by name: the same set whatever the order they come in. */
export function subjectsOf(members: readonly Member[], persons: Persons): Subject[] {
  const subjects = new Map<string, Member[]>();
  for (const member of members) {
    const person = persons.get(`${member.source}/${member.patient}`);
    const name = person === undefined ? `${member.source}/Patient/${member.patient}` : `Person/${person}`;
    const known = subjects.get(name);
    if (known) known.push(member);
    else subjects.set(name, [member]);
  }
  return [...subjects]
    .map(([name, own]) => ({
      name,
      members: own.sort((a, b) => compare(a.source, b.source) || compare(a.patient, b.patient)),
    }))
    .sort((a, b) => compare(a.name, b.name));
}

/** What a result stands on: whose records, and when each last changed. The same text: the same data. */
export function dataOf({ members }: Subject): string {
  return members.map(({ source, patient, chain, changed }) => `${source}/${patient}@${chain}:${changed}`).join('\n');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
