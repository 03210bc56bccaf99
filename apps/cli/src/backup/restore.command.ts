import { type Command } from 'commander';
import { readConfig } from '@chartledger/platform';
import { openKeyFiles, requireKeysOf } from '@chartledger/security';
import { openStore } from '../../../chartledger/src/store.js';
import { EXIT, print, printJson, thousands } from '../output.js';
import { counted } from '../verify/verify.command.js';
import { subjectFromStore } from '../verify/verify.js';
import { readIdentity } from './backup-folder.js';
import { backupStoreOf } from './backup-store.js';
import { ChainBars } from './chain-bars.js';
import { orRefused } from './or-refused.js';
import { restore, type RestoreResult } from './restore.js';

export function addRestore(program: Command): void {
  program
    .command('restore')
    .description('restore a backup into the empty ledger that the environment names, byte for byte, and verify it')
    .argument('<dir>', 'a folder that `backup` wrote')
    .option('--json', 'print one JSON line', false)
    .addHelpText(
      'after',
      '\nThe keys folder of the ledger must be in the data directory before. An interrupted restore goes on when it is run again.\nExit code: 0 done and verified, 1 refused or found wrong, with the position, 2 could not run.',
    )
    .action(async (dir: string, { json }: { json: boolean }) => {
      const startedMs = Date.now();
      process.exitCode = await orRefused(json, async () => {
        const result = await restoreInto(dir);
        report(result, (Date.now() - startedMs) / 1000, json);
        return EXIT.done;
      });
    });
}

async function restoreInto(dir: string): Promise<RestoreResult> {
  const config = readConfig();
  const identity = await readIdentity(dir);
  // Before anything is opened: that would make new keys where there are none.
  requireKeysOf(identity, await openKeyFiles(config.dataDir, config.kekFile, true), config.origin);
  const store = await openStore(config);
  const bars = new ChainBars();
  try {
    return await restore(
      backupStoreOf(store),
      dir,
      () => subjectFromStore(store, true),
      (step, chain, done, total) => bars.update(`${step}, chain ${chain}`, done, total),
    );
  } finally {
    bars.end();
    await store.close();
  }
}

function report({ chains, keys }: RestoreResult, seconds: number, json: boolean): void {
  if (json) return printJson({ ok: true, chains, keys, seconds });
  for (const { chain, from, size, backup, target } of chains) {
    const resumed = from > 0 ? ` (${thousands(from)} of them were there)` : '';
    print(`chain ${chain}: ${counted(size, 'entry', 'entries')}${resumed}`);
    for (const [name, { checkpoint, root }] of Object.entries({ backup, target })) {
      print(`  ${name}  checkpoint ${thousands(checkpoint.size)}  root ${root}  ${checkpoint.time}`);
    }
  }
  print(`key store: ${thousands(keys)} data keys`);
  print(`restored and verified in ${seconds.toFixed(1)} s. The views are built when the server starts.`);
}
