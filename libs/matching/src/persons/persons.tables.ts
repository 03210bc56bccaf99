/** `seq_to` of what still holds. */
export const OPEN_END = '9223372036854775807';

/**
 * Who is whom, from the system's chain. Rows hold from `seq_from` up to, and without, `seq_to`; ask with a position, and
 * never for open ends only, since the entries of a submission take effect together, at the seq of its last one, which the
 * view may not have reached.
 *
 * `person`: the versions of each person; `state` 'active' (has members), 'absorbed' (`into` another one) or 'empty' (its
 * records are gone); `born`: the seq of its first entry. `member`: which record is whose; a record is of one person.
 * `decision`: one row an entry of a person: the story, whose contents are read from the ledger by `seq`; `by` 'model' or
 * 'steward'. `ruling`: what stewards have ruled on pairs, lesser name first. `review`: pairs that wait for a steward (Task),
 * or waited. `model`: adopted models. `progress`: up to where the changes of a chain are matched. `fence`: the version of
 * `Basic/persons`.
 */
export function personTables(schema: string): string {
  return `
    create table ${schema}.person (
      id text not null, version int4 not null, seq int8 not null, seq_from int8 not null, seq_to int8 not null,
      state text not null, into_person text, born int8 not null, primary key (id, version)
    ) with (fillfactor = 90);
    create index on ${schema}.person (into_person) where into_person is not null;
    create table ${schema}.member (
      source text not null, patient text not null, person text not null, seq_from int8 not null, seq_to int8 not null,
      primary key (source, patient, seq_from)
    ) with (fillfactor = 90);
    create index on ${schema}.member (person, seq_from);
    create table ${schema}.decision (
      seq int8 primary key, person text not null, version int4 not null, kind text not null, by text not null,
      actor text not null, time int8 not null, submission uuid not null, part int4 not null, parts int4 not null,
      undoes int8
    );
    create index on ${schema}.decision (person, seq);
    create index on ${schema}.decision (undoes) where undoes is not null;
    create table ${schema}.ruling (
      left_source text not null, left_patient text not null, right_source text not null, right_patient text not null,
      kind text not null, decided int8 not null, seq_from int8 not null, seq_to int8 not null,
      primary key (left_source, left_patient, right_source, right_patient, seq_from)
    );
    create index on ${schema}.ruling (right_source, right_patient);
    create index on ${schema}.ruling (decided);
    create table ${schema}.review (
      task text not null, version int4 not null, seq int8 not null, seq_from int8 not null, seq_to int8 not null,
      left_source text not null, left_patient text not null, right_source text not null, right_patient text not null,
      score int4, status text not null, primary key (task, version)
    );
    create index on ${schema}.review (left_source, left_patient);
    create index on ${schema}.review (right_source, right_patient);
    create index on ${schema}.review (status, seq);
    create table ${schema}.model (seq int8 primary key, version text not null);
    create table ${schema}.progress (chain int4 primary key, seq int8 not null);
    create table ${schema}.fence (
      one boolean primary key default true check (one), version int4 not null, seq int8 not null, progress text not null
    );`;
}
