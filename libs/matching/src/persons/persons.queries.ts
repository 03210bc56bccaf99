import { type Statement } from '@chartledger/database';

/** $1: ids, $2: position. The version of each person that held then. */
export function personsAt(schema: string): Statement {
  return {
    name: `persons.at.${schema}`,
    text: `select id, version, seq::float8 as seq, state, into_person as into, born::float8 as born
      from ${schema}.person where id = any ($1::text[]) and seq_from <= $2 and seq_to > $2`,
  };
}

/** $1: id, $2: position. The person that it is now: itself, or the one that it was absorbed into, however often. */
export function survivorAt(schema: string): Statement {
  return {
    name: `persons.survivor.${schema}`,
    text: `with recursive way as (
      select id, into_person, 0 as step from ${schema}.person where id = $1 and seq_from <= $2 and seq_to > $2
      union all
      select p.id, p.into_person, step + 1 from way join ${schema}.person p on p.id = way.into_person
      where p.seq_from <= $2 and p.seq_to > $2 and step < 1000
    ) select id from way order by step desc limit 1`,
  };
}

/** $1: id, $2: position. The persons that were absorbed into it, directly or through others. */
export function absorbedInto(schema: string): Statement {
  return {
    name: `persons.absorbed.${schema}`,
    text: `with recursive way as (
      select id from ${schema}.person where into_person = $1 and seq_from <= $2 and seq_to > $2
      union
      select p.id from way join ${schema}.person p on p.into_person = way.id where p.seq_from <= $2 and p.seq_to > $2
    ) select id from way order by id`,
  };
}

/** $1: ids of persons, $2: position. Their records then. */
export function membersAt(schema: string): Statement {
  return {
    name: `persons.members.${schema}`,
    text: `select person, source, patient, seq_from::float8 as since from ${schema}.member
      where person = any ($1::text[]) and seq_from <= $2 and seq_to > $2 order by person, source, patient`,
  };
}

/** $1, $2: sources and Patient ids, $3: position. Whose each record was then. */
export function personsOfRecords(schema: string): Statement {
  return {
    name: `persons.of-records.${schema}`,
    text: `select m.source, m.patient, m.person, m.seq_from::float8 as since
      from unnest($1::text[], $2::text[]) as k (source, patient)
      cross join lateral (
        select * from ${schema}.member m where m.source = k.source and m.patient = k.patient and m.seq_from <= $3
        order by m.seq_from desc limit 1
      ) m where m.seq_to > $3`,
  };
}

/** $1, $2: source and Patient id, $3: position. The version of the person that the record was of then. */
export function personOfRecord(schema: string): Statement {
  return {
    name: `persons.of-record.${schema}`,
    text: `select p.id, p.version, p.seq::float8 as seq from (
        select person, seq_to from ${schema}.member where source = $1 and patient = $2 and seq_from <= $3
        order by seq_from desc limit 1
      ) m join ${schema}.person p on p.id = m.person and p.seq_from <= $3 and p.seq_to > $3
      where m.seq_to > $3`,
  };
}

/** $1: id, $2: position. The entries of a person, oldest first, each with the decision that took it back, if any. */
export function decisionsOf(schema: string): Statement {
  return {
    name: `persons.decisions.${schema}`,
    text: `select d.seq::float8 as seq, d.person, d.version, d.kind, d.by, d.actor, d.time::float8 as time, d.submission, d.part, d.parts,
        (select min(u.seq)::float8 from ${schema}.decision u where u.undoes = d.seq and u.seq <= $2) as undone
      from ${schema}.decision d where d.person = $1 and d.seq <= $2 order by d.seq`,
  };
}

/** $1: seq. One entry of a person. */
export function decisionAt(schema: string): Statement {
  return {
    name: `persons.decision.${schema}`,
    text: `select seq::float8 as seq, person, version, kind, by, submission, part, parts from ${schema}.decision where seq = $1`,
  };
}

/** $1: status, $2: position, $3: only those after this seq, $4: how many. Pairs that waited for a steward then. */
export function reviewsAt(schema: string): Statement {
  return {
    name: `persons.reviews.${schema}`,
    text: `select task, version, seq::float8 as seq, left_source, left_patient, right_source, right_patient, score, status
      from ${schema}.review where status = $1 and seq_from <= $2 and seq_to > $2 and seq > $3 order by seq limit $4`,
  };
}

/** $1: chain. */
export function matchedUpTo(schema: string): Statement {
  return {
    name: `persons.matched.${schema}`,
    text: `select seq::float8 as seq from ${schema}.progress where chain = $1`,
  };
}
