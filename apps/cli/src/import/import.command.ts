import { type Command } from 'commander';
import { EXIT, print, printJson, thousands } from '../output.js';
import { progress, type Progress } from '../progress.js';
import { defaultUrl } from '../server-url.js';
import { DEFAULT_CLIENTS, importPaths, type ImportCounts } from './import.js';

interface Options {
  source: string;
  url?: string;
  clients: number;
  json: boolean;
}

export function addImport(program: Command): void {
  program
    .command('import')
    .description(
      'send FHIR Bundles and NDJSON (.json, .ndjson, also .gz) to a source of a running server, byte for byte',
    )
    .argument('<path...>', 'files and folders; hospitals and practitioners are sent first')
    .requiredOption('--source <name>', 'the source; registered on first use')
    .option('--url <url>', 'the server (default: the one that HOST and PORT name)')
    .option('--clients <n>', 'requests at a time', Number, DEFAULT_CLIENTS)
    .option('--json', 'print one JSON line', false)
    .addHelpText(
      'after',
      '\nAn import that was cut short can simply be run again: what was accepted is not recorded twice.',
    )
    .action(async (paths: string[], options: Options) => {
      process.exitCode = await run(paths, options);
    });
}

async function run(paths: string[], { source, url, clients, json }: Options): Promise<number> {
  const startedMs = Date.now();
  const counts = await importWithProgress(paths, { source, url: url ?? defaultUrl(), clients });
  const seconds = (Date.now() - startedMs) / 1000;
  if (json) printJson({ ...counts, seconds });
  else tellImport(counts, seconds);
  return counts.refused > 0 ? EXIT.foundWrong : EXIT.done;
}

export async function importWithProgress(
  paths: string[],
  options: { source: string; url: string; clients: number },
): Promise<ImportCounts> {
  let shown: Progress | undefined;
  const counts = await importPaths(paths, {
    ...options,
    onProgress: (done, total) => {
      shown ??= progress(`importing ${options.source}`, total);
      shown.update(done.files, `${thousands(done.accepted)} records`);
    },
  });
  shown?.end();
  return counts;
}

export function tellImport({ files, accepted, refused, repeated, errors }: ImportCounts, seconds: number): void {
  print(
    `${thousands(files)} files, ${thousands(accepted)} records accepted, ${thousands(refused)} refused, in ${seconds.toFixed(1)} s`,
  );
  if (repeated > 0) print(`${thousands(repeated)} files had been accepted before and left nothing new`);
  for (const error of errors) print(`  refused: ${error}`);
}
