import { int8Array, textArray, type Parameter, type Statement } from '@chartledger/database';
import { type Token } from '@chartledger/security';

/** One condition of a search: the alternatives of a parameter, any of which holds. */
export type Condition =
  { kind: 'ids'; ids: string[] } | { kind: 'identifiers'; tokens: Token[] } | { kind: 'references'; tokens: Token[] };

export interface SearchQuestion {
  schema: string;
  chain: number;
  source: string;
  type: string;
  /** The position at which the answer stands. */
  position: number;
  conditions: Condition[];
  /** Only records with an id above this one: where the page before ended. */
  afterId: string;
  limit: number;
}

/**
 * A page of records that held at the position and meet every condition, by id; and how many there are in all. The
 * conditions come first and are not re-ordered into the walk over ids (`materialized`): a few matches are found by their
 * tokens, not by reading every record of the type.
 */
export function searchStatement(question: SearchQuestion): { statement: Statement; values: Parameter[] } {
  const { schema, chain, source, type, position, conditions, afterId, limit } = question;
  const values: Parameter[] = [source, type, position, afterId, limit, chain];
  const held = `v.source = $1 and v.type = $2 and v.seq <= $3 and v.seq_to > $3 and v.kind in (1, 2)`;
  const clauses = conditions.map((condition) => {
    values.push(condition.kind === 'ids' ? textArray(condition.ids) : int8Array(condition.tokens));
    return CLAUSES[condition.kind](schema, `$${values.length}`);
  });
  const found = `select v.seq, v.id, v.version, v.kind from ${schema}.version v where ${[held, 'v.chain = $6', ...clauses].join(' and ')}`;
  return {
    statement: {
      text:
        conditions.length === 0
          ? `with total as (select count(*)::int4 as total from ${schema}.version v where ${held} and v.chain = $6),
              page as (${found} and v.id > $4 order by v.id limit $5)
            select seq::float8 as seq, id, version, kind, total from total left join page on true order by id`
          : `with found as materialized (${found}),
              page as (select * from found where id > $4 order by id limit $5)
            select seq::float8 as seq, id, version, kind, total
            from (select count(*)::int4 as total from found) t left join page on true order by id`,
    },
    values,
  };
}

const CLAUSES: Record<Condition['kind'], (schema: string, parameter: string) => string> = {
  ids: (_schema, parameter) => `v.id = any (${parameter}::text[])`,
  identifiers: (schema, parameter) =>
    `v.seq = any (array(select i.seq from ${schema}.identifier i where i.token = any (${parameter}::int8[]) and i.chain = $6))`,
  references: (_schema, parameter) => `v.tokens && ${parameter}::int8[]`,
};
