/** `seq_to` of a version that is still current. */
export const OPEN_END = '9223372036854775807';

export const KIND = { create: 1, update: 2, delete: 3, confirm: 4 } as const;

/**
 * The tables of the view. No bodies: a body is read from the ledger by (chain, seq), so that there is one copy, encrypted.
 *
 * `version`: one row an entry of a record. A version holds from its `seq` up to, and without, `seq_to`; a confirmation
 * (`fhir.confirm`) holds nowhere (`seq_to = seq`). `tokens` are keyed hashes of what reference parameters find.
 * `identifier`: one row for each form in which an identifier of a version is asked for.
 * `submission`: where the entries of a request stand.
 */
export function recordTables(schema: string): string {
  return `
    create table ${schema}.version (
      chain int4 not null, seq int8 not null, source text not null, type text not null, id text not null,
      version int4 not null, kind int2 not null, time int8 not null, seq_to int8 not null, tokens int8[] not null,
      primary key (chain, seq)
    ) with (fillfactor = 90, autovacuum_vacuum_insert_threshold = -1);
    create index on ${schema}.version (source, type, id, version desc, seq);
    create index on ${schema}.version using gin (tokens) with (fastupdate = on, gin_pending_list_limit = 4096);
    create table ${schema}.identifier (
      token int8 not null, chain int4 not null, seq int8 not null
    ) with (autovacuum_vacuum_insert_threshold = -1);
    create index on ${schema}.identifier (token, chain, seq);
    create table ${schema}.submission (
      id uuid primary key, chain int4 not null, seq int8 not null, parts int4 not null
    ) with (autovacuum_vacuum_insert_threshold = -1);`;
}
