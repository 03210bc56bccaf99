import { type Command } from 'commander';
import { STARTING_QUERIES, STARTING_VIEWS, startingMeasures } from '@chartledger/population';
import { HttpClient } from './http-client.js';
import { EXIT, print, printJson } from './output.js';

const FHIR_JSON = { 'Content-Type': 'application/fhir+json' };

export function addStartingSet(program: Command): void {
  program
    .command('starting-set')
    .description('give a running server the views, queries and measures that are useful on the first day')
    .option('--url <url>', 'the server', 'http://127.0.0.1:8080')
    .option('--json', 'print one JSON line', false)
    .action(async ({ url, json }: { url: string; json: boolean }) => {
      const { kept, changed } = await putStartingSet(url);
      if (json) printJson({ kept, changed });
      else
        print(
          `${kept} views, value sets, libraries, queries and measures are there now, ${changed} of them new or changed`,
        );
      process.exitCode = EXIT.done;
    });
}

/**
 * Puts each resource of the set to the system's own source; one that is there already, and the same, stays as it is.
 * @throws Error with what the server said of the first that it refused.
 */
export async function putStartingSet(url: string): Promise<{ kept: number; changed: number }> {
  const http = new HttpClient(url, 1);
  const resources = [...STARTING_VIEWS, ...startingMeasures(), ...STARTING_QUERIES];
  let changed = 0;
  try {
    for (const resource of resources) {
      const path = `/fhir/chartledger/${resource.resourceType}/${resource.id}`;
      const before = (await http.get(path)).headers['etag'];
      const answer = await http.send('PUT', path, FHIR_JSON, Buffer.from(JSON.stringify(resource)));
      if (answer.status >= 300) throw new Error(`${path} was refused: ${answer.body.toString('utf8')}`);
      if (answer.headers['etag'] !== before) changed++;
    }
  } finally {
    http.close();
  }
  return { kept: resources.length, changed };
}
