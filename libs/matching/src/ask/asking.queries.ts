import { type Statement } from '@chartledger/database';

/** $1: ids of persons, $2: position. Those that were absorbed into one of them, directly. */
export function absorbedDirectly(schema: string): Statement {
  return {
    name: `asking.absorbed.${schema}`,
    text: `select id from ${schema}.person where into_person = any ($1::text[]) and seq_from <= $2 and seq_to > $2`,
  };
}

/** $1..$4: sources and Patient ids of a pair, the lesser name first; $5: position. What stewards had ruled on it then. */
export function rulingOn(schema: string): Statement {
  return {
    name: `asking.ruling.${schema}`,
    text: `select kind, decided::float8 as decided from ${schema}.ruling
      where left_source = $1 and left_patient = $2 and right_source = $3 and right_patient = $4
        and seq_from <= $5 and seq_to > $5 limit 1`,
  };
}

/** $1: statuses, $2: position. Tasks of pairs that a steward was asked to look at. */
export function tasksByStatus(schema: string): Statement {
  return {
    name: `asking.tasks.${schema}`,
    text: `select task as id from ${schema}.review where status = any ($1::text[]) and seq_from <= $2 and seq_to > $2`,
  };
}

/** $1, $2: sources and Patient ids, $3: position. Tasks of pairs with one of the records. */
export function tasksOfRecords(schema: string): Statement {
  return {
    name: `asking.tasks-of-records.${schema}`,
    text: `select r.task as id from unnest($1::text[], $2::text[]) as k (source, patient)
      cross join lateral (
        select task from ${schema}.review r
        where r.left_source = k.source and r.left_patient = k.patient and r.seq_from <= $3 and r.seq_to > $3
        union
        select task from ${schema}.review r
        where r.right_source = k.source and r.right_patient = k.patient and r.seq_from <= $3 and r.seq_to > $3
      ) r`,
  };
}
