import { type PoolClient } from 'pg';
import { run, textArray, type Statement } from '@chartledger/database';
import { SYSTEM_CHAIN } from '@chartledger/ledger';
import { applyStep, MOVE_POSITION, type ProjectedEntry, type Projection, type Step } from '@chartledger/projection';
import { Columns, int4, int8, OPEN, text, type Column } from '../columns.js';
import { patientKey, recordName, type Pair, type RecordName } from './person-entries.js';
import { evolvePersons, personsOf, type PersonRows, type StandingPerson } from './persons.evolve.js';
import { OPEN_END, personTables } from './persons.tables.js';

export const PERSONS = 'persons';

/** After those of MOVE_POSITION. */
const FIRST_PARAMETER = 6;

/** Who is whom, and since when: the system chain's `person.*` and `match.model` entries. */
export class PersonsProjection implements Projection {
  readonly name = PERSONS;

  reads(chain: number): boolean {
    return chain === SYSTEM_CHAIN;
  }

  createTables(schema: string): string {
    return personTables(schema);
  }

  async apply(client: PoolClient, step: Step, entries: readonly ProjectedEntry[]): Promise<boolean> {
    const standing = await loadStanding(client, step.schema, personsOf(entries));
    const rows = evolvePersons(entries, standing);
    const columns = new Columns(FIRST_PARAMETER);
    const statement = applyPersons(step.schema, rows, columns);
    return applyStep(client, step, statement, columns.parameters);
  }
}

/** The persons as the view has them, read by the one that writes it. */
async function loadStanding(
  client: PoolClient,
  schema: string,
  ids: readonly string[],
): Promise<Map<string, StandingPerson>> {
  const standing = new Map<string, StandingPerson>();
  if (ids.length === 0) return standing;
  const wanted = [textArray(ids)];
  for (const { id, version, born } of await run<{ id: string; version: number; born: number }>(
    client,
    {
      name: `persons.standing.${schema}`,
      text: `select distinct on (id) id, version, born::float8 as born from ${schema}.person
        where id = any ($1::text[]) order by id, version desc`,
    },
    wanted,
  )) {
    standing.set(id, { version, born, members: new Map<RecordName, number>() });
  }
  for (const { person, source, patient, since } of await run<{
    person: string;
    source: string;
    patient: string;
    since: number;
  }>(
    client,
    {
      name: `persons.standing-members.${schema}`,
      text: `select person, source, patient, seq_from::float8 as since from ${schema}.member
        where person = any ($1::text[]) and seq_to = ${OPEN_END}`,
    },
    wanted,
  )) {
    standing.get(person)?.members.set(recordName({ source, patient }), since);
  }
  return standing;
}

/** One statement, so one round trip and one commit, however many entries. Its text is the same for any rows. */
function applyPersons(schema: string, rows: PersonRows, columns: Columns): Statement {
  const { persons, endedPersons, members, endedMembers, decisions, rulings, endedRulings, fence } = rows;
  const { reviews, endedReviews, models, progress } = rows;
  const parts = {
    ended_persons: `update ${schema}.person p set seq_to = e.seq_to
      from moved, ${columns.table('e', {
        id: text(endedPersons.map(({ id }) => id)),
        version: int4(endedPersons.map(({ version }) => version)),
        seq_to: int8(endedPersons.map(({ to }) => to)),
      })} where p.id = e.id and p.version = e.version`,
    persons: `insert into ${schema}.person (id, version, seq, seq_from, seq_to, state, into_person, born)
      select p.id, p.version, p.seq, p.seq_from, p.seq_to, p.state, nullif(p.into_person, ''), p.born
      from moved, ${columns.table('p', {
        id: text(persons.map(({ id }) => id)),
        version: int4(persons.map(({ version }) => version)),
        seq: int8(persons.map(({ seq }) => seq)),
        seq_from: int8(persons.map(({ from }) => from)),
        seq_to: int8(persons.map(({ to }) => to ?? OPEN)),
        state: text(persons.map(({ state }) => state)),
        into_person: text(persons.map(({ into }) => into ?? '')),
        born: int8(persons.map(({ born }) => born)),
      })}`,
    ended_members: `update ${schema}.member m set seq_to = e.seq_to
      from moved, ${columns.table('e', {
        ...keyColumns(endedMembers),
        seq_from: int8(endedMembers.map(({ from }) => from)),
        seq_to: int8(endedMembers.map(({ to }) => to)),
      })} where m.source = e.source and m.patient = e.patient and m.seq_from = e.seq_from`,
    members: `insert into ${schema}.member (source, patient, person, seq_from, seq_to)
      select m.source, m.patient, m.person, m.seq_from, m.seq_to 
      from moved, ${columns.table('m', {
        ...keyColumns(members),
        person: text(members.map(({ person }) => person)),
        seq_from: int8(members.map(({ from }) => from)),
        seq_to: int8(members.map(({ to }) => to ?? OPEN)),
      })}`,
    decisions: `insert into ${schema}.decision (seq, person, version, kind, by, actor, time, submission, part, parts, undoes)
      select d.seq, d.person, d.version, d.kind, d.by, d.actor, d.time, d.submission::uuid, d.part, d.parts, nullif(d.undoes, -1)
      from moved, ${columns.table('d', {
        seq: int8(decisions.map(({ seq }) => seq)),
        person: text(decisions.map(({ person }) => person)),
        version: int4(decisions.map(({ version }) => version)),
        kind: text(decisions.map(({ kind }) => kind)),
        by: text(decisions.map(({ by }) => by)),
        actor: text(decisions.map(({ actor }) => actor)),
        time: int8(decisions.map(({ time }) => time)),
        submission: text(decisions.map(({ submission }) => submission)),
        part: int4(decisions.map(({ part }) => part)),
        parts: int4(decisions.map((decision) => decision.parts)),
        undoes: int8(decisions.map(({ undoes }) => undoes ?? -1)),
      })}`,
    ended_rulings: `update ${schema}.ruling r set seq_to = e.seq_to
      from moved, ${columns.table('e', {
        ...pairColumns(endedRulings),
        seq_to: int8(endedRulings.map(({ to }) => to)),
      })}
      where r.left_source = e.left_source and r.left_patient = e.left_patient and r.right_source = e.right_source
        and r.right_patient = e.right_patient and r.seq_to = ${OPEN_END}`,
    rulings: `insert into ${schema}.ruling (${PAIR}, kind, decided, seq_from, seq_to)
      select ${PAIR}, kind, decided, seq_from, seq_to
      from moved, ${columns.table('r', {
        ...pairColumns(rulings),
        kind: text(rulings.map(({ kind }) => kind)),
        decided: int8(rulings.map(({ decided }) => decided)),
        seq_from: int8(rulings.map(({ from }) => from)),
        seq_to: int8(rulings.map(({ to }) => to ?? OPEN)),
      })}`,
    ended_reviews: `update ${schema}.review r set seq_to = e.seq_to
      from moved, ${columns.table('e', {
        task: text(endedReviews.map(({ task }) => task)),
        version: int4(endedReviews.map(({ version }) => version)),
        seq_to: int8(endedReviews.map(({ to }) => to)),
      })} where r.task = e.task and r.version = e.version`,
    reviews: `insert into ${schema}.review (task, version, seq, seq_from, seq_to, ${PAIR}, score, status)
      select task, version, seq, seq_from, seq_to, ${PAIR}, nullif(score, '')::int4, status
      from moved, ${columns.table('r', {
        task: text(reviews.map(({ task }) => task)),
        version: int4(reviews.map(({ version }) => version)),
        seq: int8(reviews.map(({ seq }) => seq)),
        seq_from: int8(reviews.map(({ from }) => from)),
        seq_to: int8(reviews.map(({ to }) => to ?? OPEN)),
        ...pairColumns(reviews),
        score: text(reviews.map(({ score }) => (score === undefined ? '' : String(score)))),
        status: text(reviews.map(({ status }) => status)),
      })}`,
    models: `insert into ${schema}.model (seq, version) select m.seq, m.version
      from moved, ${columns.table('m', {
        seq: int8(models.map(({ seq }) => seq)),
        version: text(models.map(({ version }) => version)),
      })}`,
    progress: `insert into ${schema}.progress (chain, seq) select p.chain, p.seq
      from moved, ${columns.table('p', { chain: int4([...progress.keys()]), seq: int8([...progress.values()]) })}
      on conflict (chain) do update set seq = excluded.seq`,
    fence: `insert into ${schema}.fence (version, seq, progress) select f.version, f.seq, f.progress
      from moved, ${columns.table('f', {
        version: int4(fence ? [fence.version] : []),
        seq: int8(fence ? [fence.seq] : []),
        progress: text(fence ? [JSON.stringify(fence.progress)] : []),
      })}
      on conflict (one) do update set version = excluded.version, seq = excluded.seq, progress = excluded.progress`,
  };
  const statements = Object.entries(parts).map(([name, statement]) => `${name} as (${statement})`);
  return {
    name: `persons.apply.${schema}`,
    text: `with ${[MOVE_POSITION, ...statements].join(', ')} select chain from moved`,
  };
}

const PAIR = 'left_source, left_patient, right_source, right_patient';

function keyColumns(rows: readonly { name: RecordName }[]): Record<'source' | 'patient', Column> {
  const keys = rows.map(({ name }) => patientKey(name));
  return { source: text(keys.map(({ source }) => source)), patient: text(keys.map(({ patient }) => patient)) };
}

function pairColumns(rows: readonly { pair: Pair }[]): Record<string, Column> {
  const left = keyColumns(rows.map(({ pair }) => ({ name: pair[0] })));
  const right = keyColumns(rows.map(({ pair }) => ({ name: pair[1] })));
  return {
    left_source: left.source,
    left_patient: left.patient,
    right_source: right.source,
    right_patient: right.patient,
  };
}
