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
  entry: { fullUrl?: string; resource: Resource; request?: { method: string; url: string } }[];
}

/**
 * `$evaluate-measure` over HTTP, of everybody, and after 1 % of the patients changed, beside what fqm-execution alone
 * takes for the same patients in one thread, from parsed Bundles in memory.
 */
export async function benchMeasure(options: BenchOptions): Promise<BenchResult> {
  const files = (await loadTown(options.patients ?? DEFAULT_PEOPLE))
    .filter(({ rank }) => rank <= 2)
    .map(({ rank, bytes }) => ({ rank, bundle: named(JSON.parse(bytes.toString('utf8')) as Bundle) }));
  const patients = files
    .map(({ bundle }) => bundle)
    .filter(({ entry }) => entry.some(({ resource }) => resource.resourceType === 'Patient'));
  const server = await startBenchServer();
  const client = new HttpClient(server.url, LOAD_CLIENTS);
  try {
    await registerSource(client, SOURCE);
    for (const rank of new Set(files.map((file) => file.rank))) {
      const own = files.filter((file) => file.rank === rank);
      await eachOf(own, LOAD_CLIENTS, async ({ bundle }) => {
        const { status, body } = await sendBundle(client, SOURCE, Buffer.from(JSON.stringify(bundle)));
        if (status !== 200)
          throw new Error(`a Bundle was refused with ${status}: ${body.toString('utf8').slice(0, 500)}`);
      });
    }
    for (const resource of startingMeasures()) await put(client, 'chartledger', resource as Resource);
    await settled(client);
    const subjects = await persons(client, patients);
    for (const year of WARM_UP_YEARS) await evaluate(client, year);
    const cpuBeforeMs = server.cpuMs();
    const full = await timed(() => evaluate(client, YEAR));
    const fullCpuMs = server.cpuMs() - cpuBeforeMs;
    const changed = Math.max(1, Math.round(patients.length * CHANGED_SHARE));
    const incremental = new Latencies();
    for (let turn = 0; turn < ROUNDS; turn++) {
      for (let index = 0; index < changed; index++) await change(client, patients[turn * changed + index], turn);
      await incremental.measure(() => evaluate(client, YEAR));
    }
    const grown = await evaluate(client, YEAR);
    if (grown[0] <= full.value[0]) throw new Error('the changes did not reach the measure: nothing was measured');
    const alone = await fqmAlone(subjects);
    if (String(alone.value) !== String(full.value))
      throw new Error(
        `other work was measured: ${full.value.join()} in the populations here, ${alone.value.join()} there`,
      );
    return {
      bench: 'measure',
      patients: patients.length,
      persons: subjects.length,
      measure: MEASURE,
      perSecond: Math.round(patients.length / (full.ms / 1000)),
      fullMs: round(full.ms),
      changed,
      incrementalMs: incremental.percentile(0.5),
      incrementalShare: round(incremental.percentile(0.5) / full.ms, 4),
      fqmAloneMs: round(alone.ms),
      fqmAloneShare: round(full.ms / alone.ms, 3),
      fullCpuMs,
      fqmAloneCpuMs: alone.cpuMs,
      populations: full.value.join(),
    };
  } finally {
    client.close();
    await server.stop();
  }
}

/** With ids that are known beforehand, here and to fqm-execution, which tells patients apart by them. */
function named(bundle: Bundle): Bundle {
  for (const entry of bundle.entry) {
    const { resource, fullUrl } = entry;
    if (resource.resourceType !== 'Patient' || !fullUrl) continue;
    resource.id = fullUrl.slice(fullUrl.lastIndexOf(':') + 1);
    entry.request = { method: 'PUT', url: `Patient/${resource.id}` };
  }
  return bundle;
}

async function timed<T>(work: () => Promise<T>): Promise<{ ms: number; value: T }> {
  const startedMs = performance.now();
  const value = await work();
  return { ms: performance.now() - startedMs, value };
}

/** Returns the count of each population. */
async function evaluate(client: HttpClient, year: number): Promise<number[]> {
  const path = `/fhir/chartledger/Measure/${MEASURE}/$evaluate-measure?periodStart=${year}&periodEnd=${year}&source=${SOURCE}`;
  const { status, body } = await client.get(path);
  if (status !== 200)
    throw new Error(`the measure was not evaluated: ${status} ${body.toString('utf8').slice(0, 500)}`);
  return countsOf(JSON.parse(body.toString('utf8')) as Report);
}

interface Report {
  group: { population: { count: number }[] }[];
}

function countsOf({ group }: Report): number[] {
  return group[0].population.map(({ count }) => count);
}

/** Patients who were found to be one person, as one Bundle with one Patient: what the server evaluates as one. */
async function persons(client: HttpClient, patients: readonly Bundle[]): Promise<Bundle[]> {
  const byPerson = new Map<string, Bundle>();
  const sorted = [...patients].sort((a, b) => (patientOf(a).id < patientOf(b).id ? -1 : 1));
  for (const bundle of sorted) {
    const { status, body } = await client.get(`/fhir/${SOURCE}/Patient/${patientOf(bundle).id}/$person`);
    if (status !== 200) throw new Error(`$person was refused with ${status}: ${body.toString('utf8').slice(0, 500)}`);
    const { id } = JSON.parse(body.toString('utf8')) as Resource;
    const known = byPerson.get(id);
    const others = bundle.entry.filter(({ resource }) => resource.resourceType !== 'Patient');
    byPerson.set(id, known ? { ...known, entry: [...known.entry, ...others] } : bundle);
  }
  return [...byPerson.values()];
}

function patientOf(bundle: Bundle): Resource {
  return bundle.entry.find(({ resource }) => resource.resourceType === 'Patient')!.resource;
}

/** Sends one of the patient's encounters again, as of another minute. */
async function change(client: HttpClient, patient: Bundle, turn: number): Promise<void> {
  const subject = patientOf(patient).id;
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
async function fqmAlone(patients: readonly Bundle[]): Promise<{ ms: number; value: number[]; cpuMs: number }> {
  const resources = startingMeasures() as Resource[];
  const measure = resources.find(({ resourceType, id }) => resourceType === 'Measure' && id === MEASURE)!;
  // It finds no library by a canonical URL with a version.
  const [library] = measure.library!.map((canonical) => canonical.split('|')[0]);
  const others = resources.filter(
    ({ resourceType, id, url }) =>
      resourceType === 'ValueSet' || (resourceType === 'Library' && (id === 'FHIRHelpers' || url === library)),
  );
  const entry = [{ ...measure, library: [library] }, ...others].map((resource) => ({ resource }));
  const run = async (some: readonly Bundle[], year: number): Promise<number[]> => {
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
    return countsOf(results as unknown as Report);
  };
  await run(patients, WARM_UP_YEARS[0]);
  const before = process.cpuUsage();
  const measured = await timed(() => run(patients, YEAR));
  const { user, system } = process.cpuUsage(before);
  return { ...measured, cpuMs: Math.round((user + system) / 1000) };
}
