import { type Statement } from '@chartledger/database';

/*
 * What the graph asks of the records view's `version` table, for many records in one round trip. Each takes the schema
 * of that view. Numbers of questions count from 0.
 */

const VERSION = 'v.seq::float8 as seq, v.version, v.kind, v.time::float8 as time';
const SAME = 'v.source = k.source and v.type = k.type and v.id = k.id';

/**
 * $1..$3: source, type and id of the records; $4, $5: for each the seq asked for and the last one of the same submission;
 * $6: the version's number, or 0. The versions that may be meant: the one current at the seq, the next one in the
 * submission, and the one with the number.
 */
export function versionsMeant(records: string): Statement {
  return {
    name: `lineage.versions-meant.${records}`,
    text: `select (k.number - 1)::int4 as question, ${VERSION}
      from unnest($1::text[], $2::text[], $3::text[], $4::int8[], $5::int8[], $6::int4[]) with ordinality
        as k (source, type, id, at, last, version, number)
      cross join lateral (
        (select * from ${records}.version v where ${SAME} and v.seq <= k.at and v.kind <> 4 order by v.version desc limit 1)
        union all
        (select * from ${records}.version v
          where ${SAME} and v.seq > k.at and v.seq <= k.last and v.kind <> 4 order by v.version limit 1)
        union all
        (select * from ${records}.version v
          where ${SAME} and v.version = k.version and v.seq <= k.last and v.kind <> 4 limit 1)
      ) v
      order by 1, v.seq`,
  };
}

/**
 * $1..$4: source, type, id and number of versions; $5: position; $6: how many confirmations of each at most. The version
 * before, itself, the one after, and the entries that confirm it.
 */
export function versionsAround(records: string): Statement {
  return {
    name: `lineage.versions-around.${records}`,
    text: `select (k.number - 1)::int4 as question, ${VERSION}
      from unnest($1::text[], $2::text[], $3::text[], $4::int4[]) with ordinality as k (source, type, id, version, number)
      cross join lateral (
        (select * from ${records}.version v
          where ${SAME} and v.version between k.version - 1 and k.version + 1 and v.kind <> 4 and v.seq <= $5)
        union all
        (select * from ${records}.version v
          where ${SAME} and v.version = k.version and v.kind = 4 and v.seq <= $5 order by v.seq limit $6)
      ) v
      order by 1, v.seq`,
  };
}

/**
 * $1, $2: for each submission the first and last seq; $3: chain; $4: position; $5: how many rows. The versions that its
 * entries made or confirmed: `at` is the entry's seq, the others are the version's own.
 */
export function versionsIn(records: string): Statement {
  return {
    name: `lineage.versions-in.${records}`,
    text: `select (k.number - 1)::int4 as question, e.seq::float8 as at, e.source, e.type, e.id, ${VERSION}
      from unnest($1::int8[], $2::int8[]) with ordinality as k (first, last, number)
      cross join lateral (
        select * from ${records}.version e
        where e.chain = $3 and e.seq between k.first and k.last and e.seq <= $4 order by e.seq limit $5
      ) e
      cross join lateral (
        select * from ${records}.version v
        where v.source = e.source and v.type = e.type and v.id = e.id and v.version = e.version and v.kind <> 4 limit 1
      ) v
      order by 1, 2 limit $5`,
  };
}
