import { type PoolClient } from 'pg';
import { type Statement } from '@chartledger/database';
import { applyStep, MOVE_POSITION, type ProjectedEntry, type Projection, type Step } from '@chartledger/projection';
import { type Tokens } from '@chartledger/security';
import { evolveLineage, lineageParameters } from './lineage.evolve.js';
import { lineageTables } from './lineage.tables.js';

/** The name of the view, under which a ViewSet keeps it. */
export const LINEAGE = 'lineage';

/** What points to what: references between records, Provenance and its targets, submissions and their clients. */
export class LineageProjection implements Projection {
  readonly name = LINEAGE;

  constructor(private readonly tokens: Tokens) {}

  /** The sources' chains, and the system's own, whose decisions name records of any source. */
  reads(): boolean {
    return true;
  }

  createTables(schema: string): string {
    return lineageTables(schema);
  }

  async apply(client: PoolClient, step: Step, entries: readonly ProjectedEntry[]): Promise<boolean> {
    const parameters = lineageParameters(evolveLineage(this.tokens, entries));
    return applyStep(client, step, applyLineage(step.schema), parameters);
  }
}

/** One statement, so one round trip and one commit, however many entries. */
function applyLineage(schema: string): Statement {
  return {
    name: `lineage.apply.${schema}`,
    text: `with ${MOVE_POSITION}, pointers as (
      insert into ${schema}.reference (chain, seq, targets)
      select moved.chain, r.seq, ($9::int8[])[r.tokens_from:r.tokens_to]
      from moved, unnest($6::int8[], $7::int4[], $8::int4[]) as r (seq, tokens_from, tokens_to)
    )
    select chain from moved`,
  };
}
