import { type Command } from 'commander';
import { HttpClient } from '../http-client.js';
import { EXIT, print, printJson } from '../output.js';
import { defaultUrl } from '../server-url.js';
import { adoptModel, followRematching, modelStatus, Refused, statusLines } from './model-api.js';
import { readModelFile } from './model-file.js';

interface Options {
  reason: string;
  url?: string;
  wait: boolean;
  json: boolean;
}

/** `chartledger match adopt MODEL.json` and `match status`. */
export function addAdopt(match: Command): void {
  match
    .command('adopt')
    .description(
      'make a model the one that everybody is matched by: an entry of the ledger, then all records are matched anew',
    )
    .argument('<model>', 'a file that `match train` or `match model` has written; also one that was in force before')
    .requiredOption('--reason <text>', 'kept with the entry for good')
    .option('--url <url>', 'the server (default: the one that HOST and PORT name)')
    .option('--no-wait', 'do not wait until all records are matched anew: see `match status`')
    .option('--json', 'print one JSON line', false)
    .addHelpText(
      'after',
      '\nWhat stewards have decided stands. Until something is decided otherwise, what was decided before is read.',
    )
    .action(async (file: string, options: Options) => {
      const model = readModelFile(file, options.json);
      if (model) process.exitCode = await withClient(options.url, (client) => run(client, model, options));
    });
  match
    .command('status')
    .description('show the model in force, and how far all records are matched anew under one that was adopted')
    .option('--url <url>', 'the server (default: the one that HOST and PORT name)')
    .option('--wait', 'until all records are matched under it', false)
    .option('--json', 'print one JSON line', false)
    .action(async ({ url, wait, json }: Omit<Options, 'reason'>) => {
      const status = await withClient(url, wait ? followRematching : modelStatus);
      if (json) printJson({ ...status });
      else for (const line of statusLines(status)) print(line);
      process.exitCode = EXIT.done;
    });
}

async function run(client: HttpClient, model: object, { reason, wait, json }: Options): Promise<number> {
  try {
    const adopted = await adoptModel(client, model, reason);
    if (!json) print(`model ${adopted.version} is adopted: entry ${adopted.position}`);
    const status = wait ? await followRematching(client) : await modelStatus(client);
    if (json) printJson({ ...adopted, status });
    else for (const line of statusLines(status)) print(line);
    return EXIT.done;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (json) printJson({ refused: error.message });
    else print(`refused: ${error.message}`);
    return EXIT.foundWrong;
  }
}

async function withClient<T>(url: string | undefined, work: (client: HttpClient) => Promise<T>): Promise<T> {
  const client = new HttpClient(url ?? defaultUrl(), 1);
  try {
    return await work(client);
  } finally {
    client.close();
  }
}
