import { type Statement } from '@chartledger/database';

/*
 * The look-up by token stands in a subquery with `offset 0`, which keeps the planner from walking the primary key in the
 * hope of meeting a rare token soon: 2 ms at 500,000 entries instead of a read of the whole table.
 */

/** $1: token; $2: chain; $3: position. The Provenance versions that hold at the position and target the token's record. */
export function provenancesOf(lineage: string, records: string): Statement {
  return {
    name: `lineage.provenances.${lineage}.${records}`,
    text: `select v.seq::float8 as seq
      from (select r.chain, r.seq from ${lineage}.reference r where r.targets @> $1::int8[] offset 0) r
      cross join lateral (
        select * from ${records}.version v where v.chain = r.chain and v.seq = r.seq and v.seq_to > $3 and v.kind in (1, 2) offset 0
      ) v
      where r.chain = $2 and r.seq <= $3 order by v.seq`,
  };
}

/**
 * $1..$3: for each question its token and the first and last seq; $4: chain; $5: how many rows. The entries that point to
 * the token's record, by question (from 0) and seq.
 */
export function pointersTo(lineage: string): Statement {
  return {
    text: `select (q.number - 1)::int4 as question, r.seq::float8 as seq
      from unnest($1::int8[], $2::int8[], $3::int8[]) with ordinality as q (token, first, last, number)
      cross join lateral (
        select found.seq
        from (select r.chain, r.seq from ${lineage}.reference r where r.targets @> array[q.token] offset 0) found
        where found.chain = $4 and found.seq between q.first and q.last order by found.seq limit $5
      ) r
      order by q.number, r.seq limit $5`,
  };
}

/**
 * $1: token; $2: chain; $3: position; $4: how many. The first entries of a client's submissions. Without the subquery: a
 * client may have sent most of the chain, and the planner knows from its statistics which one did.
 */
export function submissionsOf(lineage: string): Statement {
  return {
    text: `select seq::float8 as seq from ${lineage}.reference r
      where r.targets @> $1::int8[] and r.chain = $2 and r.seq <= $3 order by r.seq limit $4`,
  };
}
