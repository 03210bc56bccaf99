import { addPoolMetrics } from '@chartledger/database';
import { type Config, type Logger } from '@chartledger/platform';
import { addKeyMetrics } from '@chartledger/security';
import { openBase, Stops, type Base } from './base.js';
import { addGauges } from './gauges.js';
import { type Assembly } from './parts.js';
import { allInOne } from './roles/all-in-one.js';
import { gateway } from './roles/gateway.js';
import { projector } from './roles/projector.js';
import { query } from './roles/query.js';
import { sequencer } from './roles/sequencer.js';

/** What a process does: every stage, or one that scales by itself. */
export const ROLES = { 'all-in-one': allInOne, gateway, sequencer, projector, query };
export type Role = keyof typeof ROLES;

/** Opens the store and starts the parts of a role over it. */
export async function assemble(
  config: Config,
  logger: Logger,
  role: Role,
  onFatal: Base['onFatal'],
): Promise<Assembly> {
  const base = await openBase(config, logger, onFatal);
  const stops = new Stops();
  stops.add(() => base.store.close());
  try {
    const parts = await ROLES[role](base, stops);
    addGauges(base.metrics, parts.views, parts.sequencers, parts.trees);
    addPoolMetrics(base.metrics, base.pool);
    addKeyMetrics(base.metrics, base.store.dataKeys);
    base.store.addMetrics(base.metrics);
    return { ...parts, stop: () => stops.run() };
  } catch (error) {
    await stops.run();
    throw error;
  }
}
