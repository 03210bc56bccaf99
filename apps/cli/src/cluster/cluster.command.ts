import { type Command } from 'commander';
import { demoAt } from '../demo/demo.js';
import { EXIT, print } from '../output.js';
import { DEFAULT_SIZE, startCluster } from './cluster.js';

export function addCluster(program: Command): void {
  program
    .command('cluster')
    .description('Kafka, PostgreSQL and each stage in processes of its own on this machine, with throw-away data')
    .argument('[what]', 'demo: run the demo through it and end; without: run until Ctrl-C')
    .option('--data <dir>', 'demo: FHIR Bundles instead of a made-up town')
    .option('--source <name>', 'demo: the source that the data is of', 'st-mary')
    .option('--patients <n>', 'demo: people of the made-up town', Number, 60)
    .action(async (what: string | undefined, options: { data?: string; source: string; patients: number }) => {
      if (what !== undefined && what !== 'demo') throw new Error(`there is no cluster ${what}: demo, or nothing`);
      const cluster = await startCluster(DEFAULT_SIZE, (name, url) => print(`${name.padEnd(18)} ${url}`));
      const interrupt = (): void => void cluster.stop().finally(() => process.exit(EXIT.couldNotRun));
      if (what === 'demo') for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, interrupt);
      try {
        if (what === 'demo') await demoAt(cluster.url, { ...options, keep: false });
        else await untilStopped(cluster.url);
      } finally {
        await cluster.stop();
      }
      process.exitCode = EXIT.done;
    });
}

async function untilStopped(url: string): Promise<void> {
  print(`\nready at ${url}; Ctrl-C stops everything and removes its data.`);
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
}
