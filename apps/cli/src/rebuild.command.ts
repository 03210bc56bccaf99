import { type Command } from 'commander';
import { poolOf } from '@chartledger/database';
import { createLogger } from '@chartledger/platform';
import { rebuild } from '@chartledger/projection';
import { projections } from '../../chartledger/src/base.js';
import { withStore } from './data.js';
import { EXIT, print, printJson, thousands } from './output.js';
import { progress, type Progress } from './progress.js';

export function addRebuild(program: Command): void {
  program
    .command('rebuild')
    .description('build a view anew from the ledger, beside the running one, and swap it in when it has caught up')
    .argument('<projection>', 'records, lineage, sources, matching or persons')
    .option('--json', 'print one JSON line', false)
    .action(async (name: string, { json }: { json: boolean }) => {
      const startedMs = Date.now();
      const entries = await withStore(async (store) => {
        const projection = projections(store).find((one) => one.name === name);
        if (!projection)
          throw new Error(`there is no projection ${name}: records, lineage, sources, matching and persons are kept`);
        const { ledger, opener, config } = store;
        let shown: { chain: number; bar: Progress } | undefined;
        const context = { pool: poolOf(store.source), ledger, opener, logger: createLogger(config.logLevel) };
        const count = await rebuild(context, projection, ({ done, total, chain }) => {
          if (shown?.chain !== chain) {
            shown?.bar.end();
            shown = { chain, bar: progress(`rebuilding ${name}, chain ${chain}:`, total) };
          }
          shown.bar.update(done);
        });
        shown?.bar.end();
        return count;
      });
      const seconds = (Date.now() - startedMs) / 1000;
      if (json) printJson({ projection: name, entries, seconds });
      else print(`${name}: built anew from ${thousands(entries)} entries in ${seconds.toFixed(1)} s, and in use`);
      process.exitCode = EXIT.done;
    });
}
