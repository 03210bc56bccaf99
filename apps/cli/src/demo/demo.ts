import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readConfig } from '@chartledger/platform';
import { startServer, type RunningServer } from '../../../chartledger/src/server.js';
import { writeTown } from '../generate/index.js';
import { importWithProgress, tellImport } from '../import/import.command.js';
import { DEFAULT_CLIENTS } from '../import/import.js';
import { print, thousands } from '../output.js';
import { temporaryFolder } from '../temporary-folder.js';
import { askAsAuditor } from './auditor.js';
import { showPersons } from './persons.js';
import { showPopulation } from './population.js';
import { tamperWithCopy } from './tamper.js';
import { title } from './title.js';

export interface DemoOptions {
  data?: string;
  source: string;
  patients: number;
  keep: boolean;
}

const SEED = 1;

/** Shows the main job to someone who has never seen it. Everything is real; only the town is made up. */
export async function demo(options: DemoOptions): Promise<void> {
  const dir = await temporaryFolder('demo');
  let server: RunningServer | undefined;
  try {
    introduce();
    title('1. A server, with its own PostgreSQL');
    server = await startServer(readConfig({ CHARTLEDGER_DATA_DIR: join(dir, 'data'), PORT: '0' }));
    print(`ready at ${server.url}`);
    await showMainJob(server.url, options, dir);
    if (options.keep) await keepRunning(server.url);
  } finally {
    await server?.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

/** The same on servers that run already. */
export async function demoAt(url: string, options: DemoOptions): Promise<void> {
  const dir = await temporaryFolder('demo');
  try {
    introduce();
    title('1. The servers');
    print(`ready at ${url}`);
    await showMainJob(url, options, dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function introduce(): void {
  title('chartledger: the chain of custody of health records');
  print('Hospitals send FHIR. Each change becomes an entry of a hash-chained ledger; everything else is made from');
  print('that ledger. So an auditor can ask of any record where it came from, and check the answer without us.');
}

async function showMainJob(url: string, options: DemoOptions, dir: string): Promise<void> {
  title('2. Hospitals send their records, as FHIR Bundles over REST');
  const sources = options.data
    ? [{ name: options.source, path: options.data }]
    : makeTown(options.patients, join(dir, 'town'));
  for (const { name, path } of sources) {
    const startedMs = Date.now();
    const counts = await importWithProgress([path], { url, source: name, clients: DEFAULT_CLIENTS });
    tellImport(counts, (Date.now() - startedMs) / 1000);
  }
  await askAsAuditor(url, sources[0].name);
  await tamperWithCopy(url, join(dir, 'copy'));
  await showPersons(url);
  await showPopulation(
    url,
    sources.map(({ name }) => name),
  );
  title('That is chartledger');
  print('npm start runs the server; README.md says what to read next.');
}

function makeTown(patients: number, dir: string): { name: string; path: string }[] {
  const { resources, files } = writeTown({ patients, seed: SEED }, dir);
  print(
    `a made-up town of ${patients} people: ${thousands(resources)} resources in ${files} Bundles of two hospitals and a laboratory`,
  );
  return ['st-mary', 'lakeside', 'town-lab'].map((name) => ({ name, path: join(dir, name) }));
}

async function keepRunning(url: string): Promise<void> {
  print(`\nThe server keeps running at ${url}; Ctrl-C stops it and removes its data.`);
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
}
