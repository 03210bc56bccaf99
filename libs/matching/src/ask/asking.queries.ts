import { type Statement } from '@chartledger/database';

/** $1: ids of persons, $2: position. Those that were absorbed into one of them, directly. */
export function absorbedDirectly(schema: string): Statement {
  return {
    name: `asking.absorbed.${schema}`,
    text: `select id from ${schema}.person where into_person = any ($1::text[]) and seq_from <= $2 and seq_to > $2`,
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
