import { type PoolClient } from 'pg';
import { type Statement } from '@chartledger/database';
import { applyStep, MOVE_POSITION, type ProjectedEntry, type Projection, type Step } from '@chartledger/projection';
import { type Tokens } from '@chartledger/security';
import { evolveRecords, recordParameters } from './records.evolve.js';
import { recordTables } from './records.tables.js';

/** The current and former versions of every record, with the interval of positions in which each held. */
export class RecordsProjection implements Projection {
  readonly name = 'records';

  constructor(private readonly tokens: Tokens) {}

  /** Chain 0 too: its submissions are asked for like any other. */
  reads(): boolean {
    return true;
  }

  createTables(schema: string): string {
    return recordTables(schema);
  }

  async apply(client: PoolClient, step: Step, entries: readonly ProjectedEntry[]): Promise<boolean> {
    const parameters = recordParameters(evolveRecords(this.tokens, entries));
    return applyStep(client, step, applyRecords(step.schema), parameters);
  }
}

/** One statement, so one round trip and one commit, however many entries. */
function applyRecords(schema: string): Statement {
  return {
    name: `records.apply.${schema}`,
    text: `with ${MOVE_POSITION}, ended as (
      update ${schema}.version v set seq_to = e.seq_to
      from moved, unnest($22::text[], $23::text[], $24::text[], $25::int4[], $26::int8[]) as e (source, type, id, version, seq_to)
      where v.source = e.source and v.type = e.type and v.id = e.id and v.version = e.version and v.kind <> 4
    ), versions as (
      insert into ${schema}.version (chain, seq, source, type, id, version, kind, time, seq_to, tokens)
      select moved.chain, v.seq, v.source, v.type, v.id, v.version, v.kind, v.time, v.seq_to, ($16::int8[])[v.tokens_from:v.tokens_to]
      from moved, unnest($6::int8[], $7::text[], $8::text[], $9::text[], $10::int4[], $11::int4[], $12::int8[], $13::int8[], $14::int4[], $15::int4[])
        as v (seq, source, type, id, version, kind, time, seq_to, tokens_from, tokens_to)
    ), identifiers as (
      insert into ${schema}.identifier (token, chain, seq)
      select i.token, moved.chain, i.seq from moved, unnest($17::int8[], $18::int8[]) as i (token, seq)
    ), submissions as (
      insert into ${schema}.submission (id, chain, seq, parts)
      select s.id::uuid, moved.chain, s.seq, s.parts from moved, unnest($19::text[], $20::int8[], $21::int4[]) as s (id, seq, parts)
      on conflict (id) do nothing
    )
    select chain from moved`,
  };
}
