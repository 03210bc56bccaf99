import { type Statement } from '@chartledger/database';

const HELD = 'v.seq <= at.position and v.seq_to > at.position and v.kind in (1, 2)';
const AT = (first: number): string => `unnest($${first}::int4[], $${first + 1}::int8[]) as at (chain, position)`;

/** $1: tokens; $2, $3: chains, each with the position; $4: how many. Records of any source with one of the identifiers. */
export function identifiedRecords(schema: string): Statement {
  return {
    name: `records.identified.${schema}`,
    text: `select distinct v.source, v.id, v.chain, v.seq::float8 as seq
      from unnest($1::int8[]) as k (token)
      join ${schema}.identifier i on i.token = k.token
      join ${schema}.version v on v.chain = i.chain and v.seq = i.seq
      join ${AT(2)} on at.chain = v.chain
      where ${HELD} order by v.source, v.id limit $4`,
  };
}

/** How a page is ordered: by source, in each the patients first. */
const ORDER = "source, type <> 'Patient', type, id";

/**
 * $1, $2: source and id of the patients; $3: the tokens of what is said of them; $4, $5: chains, each with the position;
 * $6: types, or none for all; $7: earliest time in ms; $8..$10: source, type and id that the page before ended with, or
 * empty; $11: how many. The patients and the records about them, and how many there are in all.
 */
export function recordsAbout(schema: string): Statement {
  return {
    name: `records.about.${schema}`,
    text: `with found as materialized (
        select v.chain, v.seq, v.source, v.type, v.id, v.version, v.kind, v.time
        from ${schema}.version v join ${AT(4)} on at.chain = v.chain
        where v.tokens && $3::int8[] and ${HELD}
        union
        select v.chain, v.seq, v.source, v.type, v.id, v.version, v.kind, v.time
        from unnest($1::text[], $2::text[]) as patient (source, id)
        join ${schema}.version v on v.source = patient.source and v.type = 'Patient' and v.id = patient.id
        join ${AT(4)} on at.chain = v.chain
        where ${HELD}
      ), wanted as (
        select * from found where (cardinality($6::text[]) = 0 or type = any ($6::text[])) and time >= $7
      ), page as (
        select * from wanted
        where $8 = '' or (source, type <> 'Patient', type, id) > ($8, $9 <> 'Patient', $9, $10)
        order by ${ORDER} limit $11
      )
      select chain, seq::float8 as seq, source, type, id, version, kind, total
      from (select count(*)::int4 as total from wanted) t left join page on true order by ${ORDER}`,
  };
}

/**
 * $1..$3: source, type and id; $4: tokens; $5, $6: chains, each with the position. Those of the records that are about none
 * of the patients and are no patients themselves: what the records about them refer to besides.
 */
export function recordsBeside(schema: string): Statement {
  return {
    name: `records.beside.${schema}`,
    text: `select v.chain, v.seq::float8 as seq, v.source, v.type, v.id, v.version, v.kind
      from unnest($1::text[], $2::text[], $3::text[]) as k (source, type, id)
      join ${schema}.version v on v.source = k.source and v.type = k.type and v.id = k.id
      join ${AT(5)} on at.chain = v.chain
      where ${HELD} and v.type <> 'Patient' and not v.tokens && $4::int8[]
      order by v.source, v.type, v.id`,
  };
}
