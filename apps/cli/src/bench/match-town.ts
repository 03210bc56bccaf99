import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { TRUTH_FILE, SMALL_RESOURCES_PER_PATIENT, writeTown } from '../generate/index.js';
import { eachOf, HttpClient } from '../http-client.js';
import { importPaths } from '../import/import.js';
import { print, thousands } from '../output.js';
import { temporaryFolder } from '../temporary-folder.js';
import { type BenchOptions, type BenchResult } from './bench-options.js';
import { round } from './latency.js';
import { startBenchServer } from './server-process.js';
import { errorTable, scoreTown, type TownRecord } from './town-score.js';

const DEFAULT_PATIENTS = 2_000;
const DEFAULT_SEED = 1;
/** One feed a source: records come one after the other. */
const CLIENTS = 1;
const ASKING = 4;

/**
 * The made-up town through a running server, matched record by record by the model that ships, and its persons held
 * against `truth.csv`: pairs of records, in all and by the kinds of error that a record was sent with.
 */
export async function benchMatchTown(options: BenchOptions): Promise<BenchResult> {
  const { patients = DEFAULT_PATIENTS, seed = DEFAULT_SEED } = options;
  const dir = await temporaryFolder('town');
  const server = await startBenchServer();
  const client = new HttpClient(server.url, ASKING);
  try {
    const town = join(dir, 'town');
    writeTown({ patients, seed, resourcesPerPatient: SMALL_RESOURCES_PER_PATIENT }, town);
    const truth = readTruth(join(town, TRUTH_FILE));
    const startedMs = performance.now();
    for (const source of new Set(truth.map((row) => row.source))) {
      const { refused, errors } = await importPaths([join(town, source)], {
        url: server.url,
        source,
        clients: CLIENTS,
      });
      if (refused > 0) throw new Error(`${thousands(refused)} records of ${source} were refused: ${errors[0]}`);
    }
    const records: TownRecord[] = [];
    await eachOf(truth, ASKING, async (row) => {
      records.push({ ...row, assigned: await personOf(client, row) });
    });
    const seconds = (performance.now() - startedMs) / 1000;
    const score = scoreTown(records);
    for (const line of errorTable(score.kinds)) print(line);
    return { bench: 'match-town', ...figures(patients, seed, records, score), seconds: round(seconds, 1) };
  } finally {
    client.close();
    await server.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

type Truth = Omit<TownRecord, 'assigned'> & { patient: string };

function readTruth(file: string): Truth[] {
  const [, ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const [source, patient, person, errors] = line.split(',');
    return { source, patient, person, errors: errors === '' ? [] : errors.split(';') };
  });
}

/** The id of the person that a record is of, found by its identifier as anybody would. */
async function personOf(client: HttpClient, { source, patient }: Truth): Promise<string> {
  const found = await client.get(`/fhir/${source}/Patient?identifier=${encodeURIComponent(patient)}`);
  const { entry = [] } = JSON.parse(found.body.toString('utf8')) as { entry?: { resource: { id: string } }[] };
  if (entry.length !== 1) throw new Error(`a record of ${source} was found ${entry.length} times by its identifier`);
  const { status, body } = await client.get(`/fhir/${source}/Patient/${entry[0].resource.id}/$person`);
  if (status !== 200) throw new Error(`the person of a record of ${source} was answered with ${status}`);
  return (JSON.parse(body.toString('utf8')) as { id: string }).id;
}

function figures(
  patients: number,
  seed: number,
  records: readonly TownRecord[],
  { pairs, missed, wrong, precision, recall, f1 }: ReturnType<typeof scoreTown>,
): Record<string, number> {
  return {
    patients,
    seed,
    records: records.length,
    people: new Set(records.map(({ person }) => person)).size,
    pairs,
    missed,
    wrong,
    precision: round(precision, 4),
    recall: round(recall, 4),
    f1: round(f1, 4),
  };
}
