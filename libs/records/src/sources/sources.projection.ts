import { type PoolClient } from 'pg';
import { int4Array, int8Array, textArray, type Statement } from '@chartledger/database';
import { applyStep, MOVE_POSITION, type ProjectedEntry, type Projection, type Step } from '@chartledger/projection';

/** What a registered source is held to when it sends a record that is not sound FHIR R4. */
export type ValidationPolicy = 'reject' | 'record';

export interface Source {
  name: string;
  chain: number;
  validation: ValidationPolicy;
}

/** The registered sources: the system chain's `source.register` entries. */
export class SourcesProjection implements Projection {
  readonly name = 'sources';

  reads(chain: number): boolean {
    return chain === 0;
  }

  createTables(schema: string): string {
    return `create table ${schema}.source (name text primary key, chain int4 not null, validation text not null, seq int8 not null);`;
  }

  async apply(client: PoolClient, step: Step, entries: readonly ProjectedEntry[]): Promise<boolean> {
    const registered = entries.filter((entry) => entry.envelope.kind === 'source.register' && entry.text);
    const sources = registered.map((entry) => JSON.parse(entry.text!.toString('utf8')) as Source);
    return applyStep(client, step, applySources(step.schema), [
      textArray(sources.map((source) => source.name)),
      int4Array(sources.map((source) => source.chain)),
      textArray(sources.map((source) => source.validation)),
      int8Array(registered.map((entry) => entry.seq)),
    ]);
  }
}

function applySources(schema: string): Statement {
  return {
    name: `sources.apply.${schema}`,
    text: `with ${MOVE_POSITION}, added as (
      insert into ${schema}.source (name, chain, validation, seq)
      select s.name, s.chain, s.validation, s.seq
      from moved, unnest($6::text[], $7::int4[], $8::text[], $9::int8[]) as s (name, chain, validation, seq)
      on conflict (name) do nothing
    ) select chain from moved`,
  };
}
