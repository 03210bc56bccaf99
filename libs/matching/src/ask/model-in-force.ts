import { type Pool } from 'pg';
import { run, type Statement } from '@chartledger/database';
import { SYSTEM_CHAIN } from '@chartledger/ledger';
import { type Views } from '@chartledger/projection';
import { DEFAULT_MODEL } from '../engine/default-model.js';
import { MatchEngine } from '../engine/match-engine.js';
import { type Model } from '../engine/model.js';
import { PERSONS } from '../persons/persons.projection.js';

/** Where no model was adopted: before any position. */
const SHIPPED = -1;

/** The models that were in force, each as an engine that compares single records. */
export class ModelsInForce {
  /** The last one that was asked for: nearly always the one of now. */
  private kept: { seq: number; engine: Promise<MatchEngine> } | undefined;

  /** @param modelAt reads the model in the entry at a position of the system's chain. */
  constructor(
    private readonly pool: Pool,
    private readonly views: Views,
    private readonly modelAt: (seq: number) => Promise<Model>,
  ) {}

  /** @param at the position of the system's chain as of which it is asked. */
  async engine(at: number): Promise<MatchEngine> {
    const view = this.views.view(PERSONS, SYSTEM_CHAIN);
    await view.reached(at);
    const [{ seq }] = await run<{ seq: number }>(this.pool, modelSeqAt(view.schema), [at]);
    if (this.kept?.seq !== seq) {
      const engine = this.load(seq);
      engine.catch(() => (this.kept = undefined));
      this.kept = { seq, engine };
    }
    return this.kept.engine;
  }

  private async load(seq: number): Promise<MatchEngine> {
    return new MatchEngine(seq === SHIPPED ? DEFAULT_MODEL : await this.modelAt(seq));
  }
}

/** $1: position. */
function modelSeqAt(schema: string): Statement {
  return {
    name: `asking.model.${schema}`,
    text: `select coalesce(max(seq), ${SHIPPED})::float8 as seq from ${schema}.model where seq <= $1`,
  };
}
