import { type Statement } from '@chartledger/database';

/** $1: source; $2: position. The Patients that are held then. */
export function patientsAt(schema: string): Statement {
  return {
    name: `measure.patients.${schema}`,
    text: `select v.id, v.seq::float8 as seq from ${schema}.version v
      where v.source = $1 and v.type = 'Patient' and v.seq <= $2 and v.seq_to > $2 and v.kind in (1, 2)`,
  };
}

/**
 * $1: source; $2: position; $3: types. When the records that carry each token (of a reference to a patient) last changed:
 * the last entry, up to the position, that began a version with the token or ended one.
 */
export function lastChanges(schema: string): Statement {
  return {
    text: `select t.token::text as token, max(case when v.seq_to <= $2 then v.seq_to else v.seq end)::float8 as seq
      from ${schema}.version v cross join lateral unnest(v.tokens) as t (token)
      where v.source = $1 and v.type = any ($3::text[]) and v.seq <= $2 and v.kind in (1, 2)
      group by t.token`,
  };
}

/** $1: source; $2: position; $3: types. When any record of the types last changed; null: never. */
export function lastChangeOf(schema: string): Statement {
  return {
    text: `select max(case when v.seq_to <= $2 then v.seq_to else v.seq end)::float8 as seq from ${schema}.version v
      where v.source = $1 and v.type = any ($3::text[]) and v.seq <= $2 and v.kind in (1, 2)`,
  };
}

/** A version that carries a token. */
export interface VersionWith {
  token: string;
  seq: number;
  type: string;
  id: string;
  version: number;
}

/**
 * $1: tokens; $2: chain; $3: position; $4: types. The versions that carry a token and are held then, for a few tokens. One
 * look-up for all of them: each look-up reads the index's pending list anew, which after a load is some MB. It stands in a
 * subquery with `offset 0`, which keeps the planner from reading the whole table.
 */
export function versionsWithFew(schema: string): Statement {
  return { text: withTokens(`(select * from ${schema}.version r where r.tokens && $1::int8[] offset 0)`) };
}

/**
 * As `versionsWithFew`, for many tokens: it reads the table once and looks each token up in a hash of those asked for,
 * whatever the planner knows of the table.
 */
export function versionsWithMany(schema: string): Statement {
  return { text: withTokens(`${schema}.version`) };
}

function withTokens(versions: string): string {
  return `select t.token::text as token, v.seq::float8 as seq, v.type, v.id, v.version
    from ${versions} v cross join lateral unnest(v.tokens) as t (token)
    where v.chain = $2 and v.seq <= $3 and v.seq_to > $3 and v.kind in (1, 2) and v.type = any ($4::text[])
      and t.token = any ($1::int8[])`;
}

/** $1: source; $2, $3: types and ids, pairwise; $4: position. The versions of those records that are held then, by seq. */
export function versionsOf(schema: string): Statement {
  return {
    name: `measure.records.${schema}`,
    text: `select v.seq::float8 as seq, v.type, v.id, v.version
      from unnest($2::text[], $3::text[]) as q (type, id)
      join ${schema}.version v on v.source = $1 and v.type = q.type and v.id = q.id
      where v.seq <= $4 and v.seq_to > $4 and v.kind in (1, 2) order by 1`,
  };
}

/** $1: position on the system's chain. Whose record each Patient is, as the view of persons has it. */
export function membersAt(schema: string): Statement {
  return {
    text: `select m.source, m.patient, m.person from ${schema}.member m where m.seq_from <= $1 and m.seq_to > $1`,
  };
}

/** $1: position. When who is whom last changed; null: never. */
export function membersChanged(schema: string): Statement {
  return {
    text: `select max(case when m.seq_to <= $1 then m.seq_to else m.seq_from end)::float8 as seq from ${schema}.member m where m.seq_from <= $1`,
  };
}

/** $1: source; $2: type; $3: the id after which the page begins; $4: how many. The ids of all records that ever were. */
export function recordIds(schema: string): Statement {
  return {
    name: `measure.record-ids.${schema}`,
    text: `select distinct v.id from ${schema}.version v where v.source = $1 and v.type = $2 and v.id > $3 order by v.id limit $4`,
  };
}

/** $1: source; $2, $3: types and ids, pairwise. The entries that made versions of them. */
export function entriesOf(schema: string): Statement {
  return {
    name: `measure.entries.${schema}`,
    text: `select v.chain, v.seq::float8 as seq from unnest($2::text[], $3::text[]) as q (type, id)
      join ${schema}.version v on v.source = $1 and v.type = q.type and v.id = q.id`,
  };
}

/** $1, $2: sources and patients, pairwise. The persons whose any of them ever was. */
export function personsEver(schema: string): Statement {
  return {
    text: `select distinct m.person from unnest($1::text[], $2::text[]) as q (source, patient)
      join ${schema}.member m on m.source = q.source and m.patient = q.patient`,
  };
}
