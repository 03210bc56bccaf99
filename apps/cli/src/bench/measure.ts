import { setTimeout as delay } from 'node:timers/promises';
import { startingMeasures } from '@chartledger/population';
import { Calculator } from 'fqm-execution';
import { eachOf, HttpClient } from '../http-client.js';
import { registerSource, sendBundle } from '../import/import.js';
import { type BenchOptions, type BenchResult } from './bench-options.js';
import { loadTown } from './ingest.js';
import { Latencies, round } from './latency.js';
import { startBenchServer } from './server-process.js';

const SOURCE = 'st-mary';
/** Of whom some 1,000 are patients there. */
const DEFAULT_PEOPLE = 1_600;
const MEASURE = 'blood-pressure-recorded';
const LOAD_CLIENTS = 8;
const YEAR = 2024;
/** Evaluated beforehand and not measured: until then the code is being compiled, here and there. */
const WARM_UP_YEARS = [2021, 2022, 2023];
const ROUNDS = 5;
/** Of the patients, in each round. */
const CHANGED_SHARE = 0.01;
/** How long the system's chain must stand still: then who is whom is settled. */
const SETTLED_MS = 1_500;

interface Resource {
  resourceType: string;
  id: string;
  url?: string;
  library?: string[];
  [element: string]: unknown;
}
interface Bundle {
  resourceType: 'Bundle';
  entry: { resource: Resource }[];
}

/**
 * `$evaluate-measure` over HTTP, of everybody, and after 1 % of the patients changed, beside what fqm-execution alone
 * takes for the same patients in one thread, from parsed Bundles in memory.
 */
export async function benchMeasure(options: BenchOptions): Promise<BenchResult> {
  const files = (await loadTown(options.patients ?? DEFAULT_PEOPLE)).filter(({ rank }) => rank <= 2);
  const bundles = files.map(({ bytes }) => JSON.parse(bytes.toString('utf8')) as Bundle);
  const patients = bundles.filter(({ entry }) => entry.some(({ resource }) => resource.resourceType === 'Patient'));
  const server = await startBenchServer();
  const client = new HttpClient(server.url, LOAD_CLIENTS);
  try {
    await registerSource(client, SOURCE);
    for (const rank of new Set(files.map((file) => file.rank))) {
      const own = files.filter((file) => file.rank === rank);
      await eachOf(own, LOAD_CLIENTS, async ({ bytes }) => {
        const { status, body } = await sendBundle(client, SOURCE, bytes);
        if (status !== 200)
          throw new Error(`a Bundle was refused with ${status}: ${body.toString('utf8').slice(0, 500)}`);
      });
    }
    for (const resource of startingMeasures()) await put(client, 'chartledger', resource as Resource);
    await settled(client);
    for (const year of WARM_UP_YEARS) await evaluate(client, year);
    const full = await timed(() => evaluate(client, YEAR));
    const changed = Math.max(1, Math.round(patients.length * CHANGED_SHARE));
    const incremental = new Latencies();
    for (let turn = 0; turn < ROUNDS; turn++) {
      for (let index = 0; index < changed; index++) await change(client, patients[turn * changed + index], turn);
      await incremental.measure(() => evaluate(client, YEAR));
    }
    const alone = await fqmAlone(patients);
    return {
      bench: 'measure',
      patients: patients.length,
      measure: MEASURE,
      perSecond: Math.round(patients.length / (full.ms / 1000)),
      fullMs: round(full.ms),
      changed,
      incrementalMs: incremental.percentile(0.5),
      incrementalShare: round(incremental.percentile(0.5) / full.ms, 4),
      fqmAloneMs: round(alone.ms),
      fqmAloneShare: round(full.ms / alone.ms, 3),
      denominator: full.value,
      fqmDenominator: alone.value,
    };
  } finally {
    client.close();
    await server.stop();
  }
}

async function timed<T>(work: () => Promise<T>): Promise<{ ms: number; value: T }> {
  const startedMs = performance.now();
  const value = await work();
  return { ms: performance.now() - startedMs, value };
}

/** Returns the denominator's count. */
async function evaluate(client: HttpClient, year: number): Promise<number> {
  const path = `/fhir/chartledger/Measure/${MEASURE}/$evaluate-measure?periodStart=${year}&periodEnd=${year}&source=${SOURCE}`;
  const { status, body } = await client.get(path);
  if (status !== 200)
    throw new Error(`the measure was not evaluated: ${status} ${body.toString('utf8').slice(0, 500)}`);
  return denominatorOf(JSON.parse(body.toString('utf8')) as Report);
}

interface Report {
  group: { population: { count: number; code: { coding: { code: string }[] } }[] }[];
}

function denominatorOf({ group }: Report): number {
  return group[0].population.find(({ code }) => code.coding[0].code === 'denominator')!.count;
}

/** Sends one of the patient's encounters again, as of another minute. */
async function change(client: HttpClient, patient: Bundle, turn: number): Promise<void> {
  const subject = patient.entry.find(({ resource }) => resource.resourceType === 'Patient')!.resource.id;
  await put(client, SOURCE, {
    resourceType: 'Encounter',
    id: `bench-${subject}`.slice(0, 64),
    status: 'finished',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
    subject: { reference: `Patient/${subject}` },
    period: { start: `${YEAR}-03-01T08:0${turn}:00Z`, end: `${YEAR}-03-01T09:00:00Z` },
  });
}

async function put(client: HttpClient, source: string, resource: Resource): Promise<void> {
  const path = `/fhir/${source}/${resource.resourceType}/${resource.id}`;
  const headers = { 'Content-Type': 'application/fhir+json' };
  const { status, body } = await client.send('PUT', path, headers, Buffer.from(JSON.stringify(resource)));
  if (status >= 300) throw new Error(`${path} was refused with ${status}: ${body.toString('utf8').slice(0, 500)}`);
}

async function settled(client: HttpClient): Promise<void> {
  for (let before = -1, size = await systemSize(client); before !== size;) {
    before = size;
    await delay(SETTLED_MS);
    size = await systemSize(client);
  }
}

async function systemSize(client: HttpClient): Promise<number> {
  const { body } = await client.get('/ledger/chains');
  const chains = JSON.parse(body.toString('utf8')) as { chain: number; size: number }[];
  return chains.find(({ chain }) => chain === 0)?.size ?? 0;
}

/** fqm-execution's batch mode with all that can be left out left out. */
async function fqmAlone(patients: readonly Bundle[]): Promise<{ ms: number; value: number }> {
  const resources = startingMeasures() as Resource[];
  const measure = resources.find(({ resourceType, id }) => resourceType === 'Measure' && id === MEASURE)!;
  // It finds no library by a canonical URL with a version.
  const [library] = measure.library!.map((canonical) => canonical.split('|')[0]);
  const others = resources.filter(
    ({ resourceType, id, url }) =>
      resourceType === 'ValueSet' || (resourceType === 'Library' && (id === 'FHIRHelpers' || url === library)),
  );
  const entry = [{ ...measure, library: [library] }, ...others].map((resource) => ({ resource }));
  const run = async (some: readonly Bundle[], year: number): Promise<number> => {
    const { results } = await Calculator.calculateAggregateMeasureReport(
      structuredClone({ resourceType: 'Bundle', entry }) as never,
      some as never,
      {
        measurementPeriodStart: `${year}-01-01T00:00:00.000Z`,
        measurementPeriodEnd: `${year}-12-31T23:59:59.999Z`,
        calculateHTML: false,
        calculateClauseCoverage: false,
        calculateSDEs: false,
        calculateRAVs: false,
        verboseCalculationResults: false,
        trustMetaProfile: false,
        reportType: 'summary',
      },
    );
    return denominatorOf(results as unknown as Report);
  };
  await run(patients, WARM_UP_YEARS[0]);
  return timed(() => run(patients, YEAR));
}
