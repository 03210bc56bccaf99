import { type Pool } from 'pg';
import { poolOf } from '@chartledger/database';
import { noteVerifier, type NoteVerifier } from '@chartledger/ledger';
import { LineageProjection } from '@chartledger/lineage';
import { FeaturesProjection, PersonsProjection } from '@chartledger/matching';
import { Metrics, type Config, type IntegrityError, type Logger } from '@chartledger/platform';
import { type Projection, type RunnerContext } from '@chartledger/projection';
import { RecordsProjection, SourcesProjection } from '@chartledger/records';
import { openStore, type Store } from './store.js';

/** What every process stands on, whatever its role. */
export interface Base {
  config: Config;
  store: Store;
  pool: Pool;
  logger: Logger;
  metrics: Metrics;
  /** Told of a ledger that is not what was acknowledged: the process must end. */
  onFatal: (error: IntegrityError) => void;
  /** For views that this process keeps. */
  runner: RunnerContext;
}

export async function openBase(config: Config, logger: Logger, onFatal: Base['onFatal']): Promise<Base> {
  const store = await openStore(config, undefined, logger);
  const pool = poolOf(store.source);
  const { ledger, opener } = store;
  const metrics = new Metrics();
  return { config, store, pool, logger, metrics, onFatal, runner: { pool, ledger, opener, logger, metrics } };
}

/** The views that are kept, each a folder of its own. */
export function projections(store: Store): Projection[] {
  return [
    new SourcesProjection(),
    new RecordsProjection(store.tokens),
    new LineageProjection(store.tokens),
    new FeaturesProjection(store.dataKeys),
    new PersonsProjection(),
  ];
}

export function verifierOf(store: Store, chain: number): NoteVerifier {
  const { name, publicKey } = store.signer(chain);
  return noteVerifier(name, publicKey);
}

/** What ends a process: the parts in the opposite order of their start. */
export class Stops {
  private readonly steps: (() => Promise<void>)[] = [];

  add(step: () => Promise<void>): void {
    this.steps.push(step);
  }

  async run(): Promise<void> {
    for (const step of this.steps.splice(0).reverse()) await step();
  }
}
