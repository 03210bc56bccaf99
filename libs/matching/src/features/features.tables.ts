/**
 * `patient`: what each version of a Patient says of a person, from its `seq_from` up to, and without, `seq_to`; `time` is when it
 * was recorded, in ms. `sealed` is
 * `PersonFields` as JSON, encrypted under the data key of the record (`key`); null where the version is a deletion.
 */
export function featureTables(schema: string): string {
  return `
    create table ${schema}.patient (
      chain int4 not null, seq_from int8 not null, seq_to int8 not null, source text not null, id text not null,
      time int8 not null, key uuid not null, sealed bytea, primary key (chain, seq_from)
    ) with (fillfactor = 90, autovacuum_vacuum_insert_threshold = -1);
    create index on ${schema}.patient (source, id, seq_from desc);`;
}
