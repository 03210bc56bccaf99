/**
 * The table of the view. `reference`: one row an entry that points to something, with the keyed hashes of what it points
 * to (`lineage-tokens.ts`), so that "what points to this?" is one look-up. No bodies and no ids: which record an entry
 * is, and which version it names, is read from the ledger by (chain, seq), and ends with its key.
 */
export function lineageTables(schema: string): string {
  return `
    create table ${schema}.reference (
      chain int4 not null, seq int8 not null, targets int8[] not null,
      primary key (chain, seq)
    ) with (autovacuum_vacuum_insert_threshold = -1);
    -- Hashes do not compress: do not try.
    alter table ${schema}.reference alter column targets set storage external;
    create index on ${schema}.reference using gin (targets) with (fastupdate = on, gin_pending_list_limit = 1024);`;
}
