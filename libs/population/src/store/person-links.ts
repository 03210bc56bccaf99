import { LIST, listValue, VARCHAR, type DuckDBConnection } from '@duckdb/node-api';
import { rowsOf } from './duck-file.js';
import { OPEN } from './view-table.js';

/** A version of a Person: which patients (`source/Patient/id`) it links; none for a deletion. */
export interface PersonVersion {
  seq: number;
  /** `Person/id`. */
  person: string;
  patients: readonly string[];
}

/** That a patient belongs to a person, from an entry of chain 0 to another. */
export interface PersonLink {
  patient: string;
  person: string;
  from: number;
  /** Undefined: it holds. */
  to: number | undefined;
}

/** What versions of Persons change: links that begin, and how links that held before end, by patient. */
export interface LinkChanges {
  begun: PersonLink[];
  ended: { patient: string; to: number }[];
}

/**
 * A patient belongs to the Person that claimed it last, until that Person lets it go. So a merge and an unmerge are right
 * at every position, in whatever order the Persons of one transaction are written.
 * @param current the links that hold, of every person and patient that the versions name.
 */
export function evolveLinks(current: readonly PersonLink[], versions: readonly PersonVersion[]): LinkChanges {
  const changes: LinkChanges = { begun: [], ended: [] };
  const byPatient = new Map<string, PersonLink>(current.map((link) => [link.patient, { ...link }]));
  const ofPerson = new Map<string, Set<string>>();
  for (const { patient, person } of current) ofPerson.set(person, (ofPerson.get(person) ?? new Set()).add(patient));
  const begun = new Set<PersonLink>();
  const end = (link: PersonLink, seq: number): void => {
    if (begun.has(link)) link.to = seq;
    else changes.ended.push({ patient: link.patient, to: seq });
    byPatient.delete(link.patient);
  };
  for (const { seq, person, patients } of versions) {
    const claimed = new Set(patients);
    for (const patient of ofPerson.get(person) ?? []) {
      const link = byPatient.get(patient);
      if (link?.person === person && !claimed.has(patient)) end(link, seq);
    }
    ofPerson.set(person, claimed);
    for (const patient of claimed) {
      const link = byPatient.get(patient);
      if (link && link.person !== person) end(link, seq);
    }
    for (const patient of claimed) {
      if (byPatient.has(patient)) continue;
      const link: PersonLink = { patient, person, from: seq, to: undefined };
      byPatient.set(patient, link);
      begun.add(link);
      changes.begun.push(link);
    }
  }
  return changes;
}

const PATIENT = /(?:^|\/)([a-z0-9-]{1,64}\/Patient\/[A-Za-z0-9.-]{1,64})$/;

/** The patients that a Person links, as `source/Patient/id`: its targets end so, whether they are absolute or not. */
export function linkedPatients(person: unknown): string[] {
  const links = (person as { link?: { target?: { reference?: unknown } }[] }).link;
  if (!Array.isArray(links)) return [];
  return links.flatMap((link) => {
    const reference = link?.target?.reference;
    const match = typeof reference === 'string' ? PATIENT.exec(reference) : null;
    return match ? [match[1]] : [];
  });
}

/** Writes what versions of Persons change, in the connection's transaction. */
export async function applyPersons(connection: DuckDBConnection, versions: readonly PersonVersion[]): Promise<void> {
  if (versions.length === 0) return;
  const persons = listValue([...new Set(versions.map(({ person }) => person))]);
  const patients = listValue([...new Set(versions.flatMap((version) => version.patients))]);
  const current = await rowsOf<{ patient: string; person: string; _seq: bigint }>(
    connection,
    `select patient, person, _seq from population.person
     where _to = ${OPEN} and (person in (select unnest($1::varchar[])) or patient in (select unnest($2::varchar[])))`,
    [persons, patients],
    // Both may be empty, and an empty list does not say of what.
    [LIST(VARCHAR), LIST(VARCHAR)],
  );
  const { begun, ended } = evolveLinks(
    current.map(({ patient, person, _seq }) => ({ patient, person, from: Number(_seq), to: undefined })),
    versions,
  );
  if (ended.length > 0) {
    await connection.run(
      `update population.person set _to = ended.until
       from (select unnest($1::varchar[]) as patient, unnest($2::bigint[]) as until) ended
       where population.person.patient = ended.patient and population.person._to = ${OPEN}`,
      [listValue(ended.map(({ patient }) => patient)), listValue(ended.map(({ to }) => BigInt(to)))],
    );
  }
  if (begun.length > 0) {
    await connection.run(
      `insert into population.person
       select unnest($1::varchar[]), unnest($2::varchar[]), unnest($3::bigint[]), unnest($4::bigint[])`,
      [
        listValue(begun.map(({ patient }) => patient)),
        listValue(begun.map(({ person }) => person)),
        listValue(begun.map(({ from }) => BigInt(from))),
        listValue(begun.map(({ to }) => (to === undefined ? OPEN : BigInt(to)))),
      ],
    );
  }
}
