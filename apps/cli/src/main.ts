#!/usr/bin/env -S node --max-semi-space-size=64
import { Command } from 'commander';
import { describeConfig, readConfig } from '@chartledger/platform';
import { runServer } from '../../chartledger/src/run.js';
import { addBackup } from './backup/backup.command.js';
import { addRestore } from './backup/restore.command.js';
import { addBench } from './bench/bench.command.js';
import { addCluster } from './cluster/cluster.command.js';
import { addDemo } from './demo/demo.command.js';
import { addGenerate } from './generate.command.js';
import { addImport } from './import/import.command.js';
import { EXIT, print, printJson } from './output.js';
import { addMatch } from './match/match.command.js';
import { addProof } from './proof.command.js';
import { addRebuild } from './rebuild.command.js';
import { addStartingSet } from './starting-set.command.js';
import { addStatus } from './status.command.js';
import { addVerify } from './verify/verify.command.js';

const program = new Command('chartledger')
  .description('the chain of custody of health records')
  .showHelpAfterError()
  .exitOverride((error) => process.exit(error.exitCode === 0 ? EXIT.done : EXIT.couldNotRun));

program
  .command('start')
  .description('run the all-in-one server until SIGTERM')
  .action(() => runServer());
program
  .command('config')
  .description('print the configuration, with secrets hidden')
  .option('--json', 'print one JSON line', false)
  .action(({ json }: { json: boolean }) => {
    const config = describeConfig(readConfig());
    if (json) printJson(config);
    else for (const [name, value] of Object.entries(config)) print(`${name}=${value}`);
  });
addImport(program);
addGenerate(program);
addVerify(program);
addProof(program);
addStartingSet(program);
addStatus(program);
addRebuild(program);
addBackup(program);
addRestore(program);
addDemo(program);
addCluster(program);
addBench(program);
addMatch(program);

try {
  await program.parseAsync();
  process.exit(process.exitCode ?? EXIT.done);
} catch (error) {
  process.stderr.write(`chartledger: ${(error as Error).message}\n`);
  process.exit(EXIT.couldNotRun);
}
