import { type Command } from 'commander';
import { withStore } from '../data.js';
import { EXIT, print, printJson, thousands } from '../output.js';
import { counted } from '../verify/verify.command.js';
import { backup, type BackupResult } from './backup.js';
import { backupStoreOf } from './backup-store.js';
import { ChainBars } from './chain-bars.js';
import { orRefused } from './or-refused.js';

export function addBackup(program: Command): void {
  program
    .command('backup')
    .description(
      'copy the ledger and the key store into static files, of a server that runs or is stopped; into the same folder again: what is new',
    )
    .argument('<dir>', 'an empty or new folder, or an earlier backup of this ledger')
    .option('--json', 'print one JSON line', false)
    .addHelpText(
      'after',
      '\nThe folder never holds the keys folder (KEK, signing key, pseudonym key): copy that to another place.\nExit code: 0 done, 1 refused or found wrong, with the position, 2 could not run.',
    )
    .action(async (dir: string, { json }: { json: boolean }) => {
      const startedMs = Date.now();
      const bars = new ChainBars();
      process.exitCode = await orRefused(json, async () => {
        const result = await withStore((store) =>
          backup(backupStoreOf(store), dir, (chain, done, total) => bars.update(`chain ${chain}`, done, total)),
        ).finally(() => bars.end());
        report(dir, result, (Date.now() - startedMs) / 1000, json);
        return EXIT.done;
      });
    });
}

function report(dir: string, { chains, keys }: BackupResult, seconds: number, json: boolean): void {
  if (json) return printJson({ ok: true, dir, chains, keys, seconds });
  for (const { chain, from, size, checkpoint } of chains) {
    const added = from > 0 ? `${thousands(size - from)} new` : 'all new';
    print(
      `chain ${chain}: ${counted(size, 'entry', 'entries')}, ${added}; checkpoint of ${checkpoint?.time ?? 'never'}`,
    );
  }
  print(`key store: ${thousands(keys)} data keys, wrapped`);
  print(
    `${dir} is a backup up to these checkpoints, made in ${seconds.toFixed(1)} s. It holds no key: keep a copy of the`,
  );
  print('keys folder in another place. Remove older copies of its file keystore: a destroyed key lives on in them.');
}
