import { type Pool } from 'pg';
import { run, textArray, type Statement } from '@chartledger/database';
import { type PersonBefore } from './reassign.js';
import { pairOf, patientKey, recordName, type Pair, type Progress, type RecordName } from './person-entries.js';
import { type StandingRuling } from '../online/rulings.js';

/** What decisions stand on: the view of persons at one position. */
export interface Standing {
  schema: string;
  /** Seq on the system's chain. */
  position: number;
  /** Undefined before the first decision. */
  fence: { version: number; seq: number; progress: Progress } | undefined;
  /** The position of the model that was adopted last, if any. */
  model: number | undefined;
}

export interface OpenReview {
  task: string;
  pair: Pair;
}

/** $1: position. In one look, so that all of it stands on one state. */
export async function readStanding(pool: Pool, schema: string, position: number): Promise<Standing> {
  const [row] = await run<{ version: number | null; seq: number; progress: string; model: number | null }>(
    pool,
    {
      name: `persons.fence.${schema}`,
      text: `select f.version, f.seq::float8 as seq, f.progress, (select max(seq)::float8 from ${schema}.model where seq <= $1) as model
        from (select) one left join ${schema}.fence f on true`,
    },
    [position],
  );
  const fence =
    row.version === null ? undefined : { ...row, version: row.version, progress: JSON.parse(row.progress) as Progress };
  return {
    schema,
    position,
    fence: fence && { version: fence.version, seq: fence.seq, progress: fence.progress },
    model: row.model ?? undefined,
  };
}

/** The persons that hold any of the records, each with all of its records. */
export async function personsWith(
  pool: Pool,
  { schema, position }: Standing,
  names: readonly RecordName[],
): Promise<PersonBefore[]> {
  const rows = await run<MemberRow>(
    pool,
    {
      name: `persons.with.${schema}`,
      text: `with held as (
        select distinct m.person from unnest($1::text[], $2::text[]) as k (source, patient)
        join ${schema}.member m on m.source = k.source and m.patient = k.patient and m.seq_from <= $3 and m.seq_to > $3
      ) select p.id, p.version, p.born::float8 as born, m.source, m.patient, m.seq_from::float8 as since
      from held join ${schema}.person p on p.id = held.person and p.seq_from <= $3 and p.seq_to > $3
      join ${schema}.member m on m.person = p.id and m.seq_from <= $3 and m.seq_to > $3`,
    },
    [...keyArrays(names), position],
  );
  return groupedMembers(rows, 'active');
}

/** The persons by id, each with all of its records; also those that have none any more. */
export async function personsById(
  pool: Pool,
  { schema, position }: Standing,
  ids: readonly string[],
): Promise<PersonBefore[]> {
  if (ids.length === 0) return [];
  const rows = await run<MemberRow & { state: PersonBefore['state'] }>(
    pool,
    {
      name: `persons.by-id.${schema}`,
      text: `select p.id, p.version, p.born::float8 as born, p.state, m.source, m.patient, m.seq_from::float8 as since
      from ${schema}.person p left join ${schema}.member m on m.person = p.id and m.seq_from <= $2 and m.seq_to > $2
      where p.id = any ($1::text[]) and p.seq_from <= $2 and p.seq_to > $2`,
    },
    [textArray(ids), position],
  );
  const active = rows.filter(({ state }) => state === 'active');
  const others = rows.filter(({ state }) => state !== 'active');
  return [
    ...groupedMembers(active, 'active'),
    ...others.map(({ id, version, born, state }) => ({ id, version, born, state, members: new Map() })),
  ];
}

/** The entries of the submission that the entry at `seq` is part of, in order; none: it is no entry of a person. */
export async function decisionEntries(
  pool: Pool,
  { schema, position }: Standing,
  seq: number,
): Promise<{ seq: number; person: string; version: number; by: 'model' | 'steward'; part: number }[]> {
  return run(
    pool,
    {
      name: `persons.decision-entries.${schema}`,
      text: `select d.seq::float8 as seq, d.person, d.version, d.by, d.part from ${schema}.decision one
      join ${schema}.decision d on d.submission = one.submission and d.seq between one.seq - one.part and one.seq - one.part + one.parts - 1
      where one.seq = $1 and one.seq <= $2 order by d.seq`,
    },
    [seq, position],
  );
}

/** Of records that are nobody's now: the persons that they were of last, where those have no records any more. */
export async function formerPersons(
  pool: Pool,
  { schema, position }: Standing,
  names: readonly RecordName[],
): Promise<PersonBefore[]> {
  if (names.length === 0) return [];
  const rows = await run<MemberRow>(
    pool,
    {
      name: `persons.former.${schema}`,
      text: `select p.id, p.version, p.born::float8 as born, last.source, last.patient, last.seq_from::float8 as since
      from unnest($1::text[], $2::text[]) as k (source, patient)
      cross join lateral (
        select * from ${schema}.member m where m.source = k.source and m.patient = k.patient and m.seq_from <= $3
        order by m.seq_from desc limit 1
      ) last
      join ${schema}.person p on p.id = last.person and p.seq_from <= $3 and p.seq_to > $3 and p.state = 'empty'`,
    },
    [...keyArrays(names), position],
  );
  return groupedMembers(rows, 'empty');
}

/** The pairs that wait for a steward and name any of the records. */
export async function openReviews(
  pool: Pool,
  { schema, position }: Standing,
  names: readonly RecordName[],
): Promise<OpenReview[]> {
  return openReviewsOf(
    pool,
    {
      name: `persons.open-reviews.${schema}`,
      text: `select distinct r.task, r.left_source, r.left_patient, r.right_source, r.right_patient
      from unnest($1::text[], $2::text[]) as k (source, patient)
      join ${schema}.review r on (r.left_source = k.source and r.left_patient = k.patient)
        or (r.right_source = k.source and r.right_patient = k.patient)
      where r.status = 'requested' and r.seq_from <= $3 and r.seq_to > $3`,
    },
    [...keyArrays(names), position],
  );
}

/** The reviews that a statement finds: the Task and the two records of each. */
export async function openReviewsOf(
  pool: Pool,
  statement: Statement,
  parameters: Parameters<typeof run>[2],
): Promise<OpenReview[]> {
  const rows = await run<PairRow & { task: string }>(pool, statement, parameters);
  return rows.map((row) => ({ task: row.task, pair: pairOfRow(row) }));
}

/** What stewards had ruled and not taken back at a position. */
export async function rulingsAt(pool: Pool, schema: string, position: number): Promise<StandingRuling[]> {
  const rows = await run<PairRow & { kind: 'must' | 'cannot'; decided: number }>(
    pool,
    {
      name: `persons.rulings.${schema}`,
      text: `select left_source, left_patient, right_source, right_patient, kind, decided::float8 as decided
      from ${schema}.ruling where seq_from <= $1 and seq_to > $1`,
    },
    [position],
  );
  return rows.map((row) => ({ pair: pairOfRow(row), kind: row.kind, decided: row.decided }));
}

export interface MemberRow {
  id: string;
  version: number;
  born: number;
  source: string;
  patient: string;
  since: number;
}

interface PairRow {
  left_source: string;
  left_patient: string;
  right_source: string;
  right_patient: string;
}

function pairOfRow(row: PairRow): Pair {
  return pairOf(
    recordName({ source: row.left_source, patient: row.left_patient }),
    recordName({ source: row.right_source, patient: row.right_patient }),
  );
}

function keyArrays(names: readonly RecordName[]): [Buffer, Buffer] {
  const keys = names.map(patientKey);
  return [textArray(keys.map(({ source }) => source)), textArray(keys.map(({ patient }) => patient))];
}

/** The persons of rows that have one record each. */
export function groupedMembers(rows: readonly MemberRow[], state: PersonBefore['state']): PersonBefore[] {
  const persons = new Map<string, PersonBefore & { members: Map<RecordName, number> }>();
  for (const { id, version, born, source, patient, since } of rows) {
    let person = persons.get(id);
    if (!person) persons.set(id, (person = { id, version, born, state, members: new Map<RecordName, number>() }));
    person.members.set(recordName({ source, patient }), since);
  }
  return [...persons.values()];
}
