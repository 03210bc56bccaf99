import { type Statement } from '@chartledger/database';

/** A version, as rows of the view give it. `seq_to` is the seq from which it does not hold any more; open: beyond any seq. */
export interface VersionRow {
  seq: number;
  id: string;
  version: number;
  kind: number;
}

const VERSION = 'v.seq::float8 as seq, v.id, v.version, v.kind';

/** $1..$3: source, type, id of the records asked for. The latest version of each, deleted or not, that exists. */
export function currentVersions(schema: string): Statement {
  return {
    name: `records.current.${schema}`,
    text: `select k.ordinality::int4 as number, ${VERSION}, v.time::float8 as time
      from unnest($1::text[], $2::text[], $3::text[]) with ordinality as k (source, type, id, ordinality)
      cross join lateral (
        select * from ${schema}.version v where v.source = k.source and v.type = k.type and v.id = k.id
        order by v.version desc, v.seq limit 1
      ) v`,
  };
}

/** $1: tokens; $2: chain. The records whose current version has the identifier, at most 2 for each token. */
export function currentByIdentifier(schema: string): Statement {
  return {
    name: `records.by-identifier.${schema}`,
    text: `select t.ordinality::int4 as number, v.id, v.seq::float8 as seq
      from unnest($1::int8[]) with ordinality as t (token, ordinality)
      cross join lateral (
        select v.id, v.seq from ${schema}.identifier i join ${schema}.version v on v.chain = i.chain and v.seq = i.seq
        where i.token = t.token and i.chain = $2 and v.seq_to = 9223372036854775807 limit 2
      ) v`,
  };
}

/** $1: submission ids. */
export function submissions(schema: string): Statement {
  return {
    name: `records.submissions.${schema}`,
    text: `select id, chain, seq::float8 as seq, parts from ${schema}.submission where id = any ($1::text[]::uuid[])`,
  };
}

/** $1..$3: source, type, id; $4: the position asked for. The version that held then, a deletion too; none: not yet created. */
export function versionAt(schema: string): Statement {
  return {
    name: `records.at.${schema}`,
    text: `select ${VERSION} from ${schema}.version v
      where v.source = $1 and v.type = $2 and v.id = $3 and v.seq <= $4 and v.seq_to > $4 and v.kind <> 4
      order by v.version desc limit 1`,
  };
}

/** $1..$4 as above, $5: the version's number. */
export function exactVersion(schema: string): Statement {
  return {
    name: `records.exact.${schema}`,
    text: `select ${VERSION} from ${schema}.version v
      where v.source = $1 and v.type = $2 and v.id = $3 and v.version = $5 and v.seq <= $4 and v.kind <> 4 limit 1`,
  };
}

/** $1: source, $2: type, $3: chain, $4: seq. The version that the entry there made; none: it made no version of such a record. */
export function versionOfEntry(schema: string): Statement {
  return {
    name: `records.of-entry.${schema}`,
    text: `select ${VERSION} from ${schema}.version v
      where v.source = $1 and v.type = $2 and v.chain = $3 and v.seq = $4 and v.kind <> 4`,
  };
}

/** $1..$4 as above; $5: only versions below this number; $6: how many; $7: earliest time in ms. Newest first. */
export function history(schema: string): Statement {
  return {
    name: `records.history.${schema}`,
    text: `select ${VERSION} from ${schema}.version v
      where v.source = $1 and v.type = $2 and v.id = $3 and v.seq <= $4 and v.version < $5 and v.kind <> 4 and v.time >= $7
      order by v.version desc limit $6`,
  };
}

/** $1..$4 as above; $5: earliest time in ms. */
export function historyTotal(schema: string): Statement {
  return {
    name: `records.history-total.${schema}`,
    text: `select count(*)::int4 as total from ${schema}.version v
      where v.source = $1 and v.type = $2 and v.id = $3 and v.seq <= $4 and v.kind <> 4 and v.time >= $5`,
  };
}

/** $1..$4 as above. Every entry of the record, confirmations too, oldest first. */
export function custody(schema: string): Statement {
  return {
    name: `records.custody.${schema}`,
    text: `select ${VERSION} from ${schema}.version v
      where v.source = $1 and v.type = $2 and v.id = $3 and v.seq <= $4 order by v.seq`,
  };
}
