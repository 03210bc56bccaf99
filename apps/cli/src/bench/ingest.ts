import { join } from 'node:path';
import { rm } from 'node:fs/promises';
import { writeTown } from '../generate/index.js';
import { eachOf, HttpClient } from '../http-client.js';
import { importFiles, readImportFile } from '../import/import-files.js';
import { registerSource, sendBundle } from '../import/import.js';
import { type BenchOptions, type BenchResult } from './bench-options.js';
import { Latencies, round } from './latency.js';
import { startBenchServer, type BenchServer } from './server-process.js';
import { temporaryFolder } from '../temporary-folder.js';

const SOURCE = 'st-mary';
const DEFAULT_CLIENTS = 8;
const DEFAULT_REQUESTS = 20_000;
const DEFAULT_PATIENTS = 500;
/**
 * A server runs for months, and its first seconds are spent compiling: what is sent to this source beforehand is not
 * measured. `--cold` leaves it out.
 */
const WARM_UP = 'warm-up';
const WARM_UP_PATIENTS = 500;
const WARM_UP_REQUESTS = 10_000;
/** Patients that single Observations are about. */
const PATIENTS = 100;

/** Ingest over HTTP by a client in another process, until records and lineage have everything. */
export async function benchIngest(options: BenchOptions): Promise<BenchResult> {
  const server = await startBenchServer();
  const client = new HttpClient(server.url, options.clients ?? DEFAULT_CLIENTS);
  try {
    for (const source of [SOURCE, WARM_UP]) await registerSource(client, source);
    return options.workload === 'bundles'
      ? await bundles(server, client, options)
      : await requests(server, client, options);
  } finally {
    client.close();
    await server.stop();
  }
}

async function bundles(server: BenchServer, client: HttpClient, options: BenchOptions): Promise<BenchResult> {
  const files = options.data ? loadFiles(options.data) : await loadTown(options.patients ?? DEFAULT_PATIENTS);
  const clients = options.clients ?? DEFAULT_CLIENTS;
  const warmUp = options.cold ? 0 : await sendFiles(client, WARM_UP, await loadTown(WARM_UP_PATIENTS), clients);
  const latencies = new Latencies();
  const startedMs = performance.now();
  const resources = await sendFiles(client, SOURCE, files, clients, latencies);
  await viewsCaughtUp(client);
  return result('bundles', clients, warmUp, resources, startedMs, latencies, server);
}

/** Returns the number of records that were accepted. */
async function sendFiles(
  client: HttpClient,
  source: string,
  files: readonly LoadedFile[],
  clients: number,
  latencies = new Latencies(),
): Promise<number> {
  let resources = 0;
  for (const rank of new Set(files.map((file) => file.rank))) {
    await eachOf(
      files.filter((file) => file.rank === rank),
      rank > 2 ? 1 : clients,
      async ({ bytes }) => {
        const { status, body } = await latencies.measure(() => sendBundle(client, source, bytes));
        if (status !== 200)
          throw new Error(`a Bundle was refused with ${status}: ${body.toString('utf8').slice(0, 500)}`);
        resources += countAccepted(body);
      },
    );
  }
  return resources;
}

async function requests(server: BenchServer, client: HttpClient, options: BenchOptions): Promise<BenchResult> {
  const { workload } = options;
  const clients = options.clients ?? DEFAULT_CLIENTS;
  const count = options.requests ?? DEFAULT_REQUESTS;
  const warmUp = options.cold ? 0 : WARM_UP_REQUESTS;
  await sendRequests(client, WARM_UP, workload, warmUp, clients);
  const latencies = new Latencies();
  const startedMs = performance.now();
  await sendRequests(client, SOURCE, workload, count, clients, latencies);
  await viewsCaughtUp(client);
  return result(workload, clients, warmUp, count, startedMs, latencies, server);
}

async function sendRequests(
  client: HttpClient,
  source: string,
  workload: BenchOptions['workload'],
  count: number,
  clients: number,
  latencies = new Latencies(),
): Promise<void> {
  const headers = { 'Content-Type': 'application/fhir+json' };
  const path = workload === 'pair' ? `/fhir/${source}` : `/fhir/${source}/Observation`;
  await eachOf(Array(count).keys(), clients, async (index) => {
    const body = Buffer.from(
      JSON.stringify(workload === 'pair' ? pair(index) : observation(index, `Patient/p${index % PATIENTS}`)),
    );
    const { status } = await latencies.measure(() => client.send('POST', path, headers, body));
    if (status !== (workload === 'pair' ? 200 : 201)) throw new Error(`a request was refused with ${status}`);
  });
}

function result(
  workload: string,
  clients: number,
  warmUp: number,
  count: number,
  startedMs: number,
  latencies: Latencies,
  server: BenchServer,
): BenchResult {
  const seconds = (performance.now() - startedMs) / 1000;
  return {
    bench: 'ingest',
    workload,
    clients,
    warmUp,
    [workload === 'bundles' ? 'resources' : 'requests']: count,
    seconds: round(seconds),
    perSecond: Math.round(count / seconds),
    p50Ms: latencies.percentile(0.5),
    p99Ms: latencies.percentile(0.99),
    serverPeakMemoryMb: Math.round(server.peakMemoryMb()),
  };
}

/** A read waits until its view has what was acknowledged: one of records and one of lineage is enough. */
async function viewsCaughtUp(client: HttpClient): Promise<void> {
  await client.get(`/fhir/${SOURCE}/Patient?_count=1`);
  await client.get(`/lineage/records/${SOURCE}/Patient/none`);
}

function countAccepted(body: Buffer): number {
  const { entry } = JSON.parse(body.toString('utf8')) as { entry: { response: { status: string } }[] };
  return entry.filter(({ response }) => response.status.startsWith('2')).length;
}

interface LoadedFile {
  rank: number;
  bytes: Buffer;
}

/** Files are read and decompressed beforehand: that is not what is measured. */
export function loadFiles(dir: string): LoadedFile[] {
  return importFiles([dir]).map(({ path, rank }) => ({ rank, bytes: readImportFile(path) }));
}

export async function loadTown(patients: number): Promise<LoadedFile[]> {
  const dir = await temporaryFolder('bench');
  try {
    writeTown({ patients, seed: 1 }, join(dir, 'town'));
    return loadFiles(join(dir, 'town', SOURCE));
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function observation(index: number, subject: string): object {
  return {
    resourceType: 'Observation',
    status: 'final',
    category: [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'laboratory' }] },
    ],
    code: {
      coding: [{ system: 'http://loinc.org', code: '2093-3', display: 'Cholesterol [Mass/volume] in Serum or Plasma' }],
    },
    subject: { reference: subject },
    effectiveDateTime: '2024-03-01T08:30:00Z',
    valueQuantity: { value: 100 + (index % 150), unit: 'mg/dL', system: 'http://unitsofmeasure.org', code: 'mg/dL' },
  };
}

function pair(index: number): object {
  const fullUrl = 'urn:uuid:0a1b2c3d-0000-4000-8000-000000000001';
  const patient = {
    resourceType: 'Patient',
    identifier: [{ system: 'urn:example:mrn', value: String(index) }],
    name: [{ family: `Family${index % 977}`, given: ['Given'] }],
    gender: 'female',
    birthDate: '1970-01-02',
  };
  return {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      { fullUrl, resource: patient, request: { method: 'POST', url: 'Patient' } },
      { resource: observation(index, fullUrl), request: { method: 'POST', url: 'Observation' } },
    ],
  };
}
