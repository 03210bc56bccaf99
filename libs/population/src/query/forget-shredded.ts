import { type Forgets, type ShreddedKey } from '@chartledger/security';
import { forgetRows, readForgotten, type PseudonymOf } from '../live/forget-rows.js';
import { type PopulationProjector } from '../live/projector.js';
import { type PopulationStore } from '../store/population-store.js';
import { type Exports } from './exports.js';
import { type ProjectFiles } from './project-files.js';

export interface ForgetContext {
  store: PopulationStore;
  projector: PopulationProjector;
  projects: ProjectFiles;
  exports: Exports;
  pseudonymOf: PseudonymOf;
}

/** What the live views and all that was made of them forget when a key is destroyed. */
export class ForgetShredded implements Forgets {
  constructor(private readonly context: ForgetContext) {}

  forgotten(): Promise<number> {
    return this.context.store.read((connection) => readForgotten(connection));
  }

  async forget(keys: readonly ShreddedKey[]): Promise<void> {
    const { projector, projects, exports, pseudonymOf } = this.context;
    const owners = new Set(keys.map(({ owner }) => owner));
    await projector.writeBetween(async (connection) => {
      const removed = await forgetRows(connection, owners, pseudonymOf);
      if (removed > 0) await connection.run('update population.forgotten set is_clean = false');
    });
    await projects.forget();
    await exports.forget();
    // Last: where it ends before, all is done again.
    const { number } = keys[keys.length - 1];
    await projector.writeBetween(async (connection) => {
      await connection.run('update population.forgotten set number = $1', [BigInt(number)]);
    });
  }
}
