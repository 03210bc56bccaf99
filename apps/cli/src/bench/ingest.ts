import { join } from 'node:path';
import { rm } from 'node:fs/promises';
import { writeTown } from '../generate/index.js';
import { eachOf, HttpClient } from '../http-client.js';
import { importFiles, readImportFile } from '../import/import-files.js';
import { registerSource, sendBundle } from '../import/import.js';
import { type BenchOptions, type BenchResult } from './bench-options.js';
import { Latencies, round } from './latency.js';
import { startBenchServer, temporaryFolder, type BenchServer } from './server-process.js';

const SOURCE = 'st-mary';
const DEFAULT_CLIENTS = 8;
const DEFAULT_REQUESTS = 20_000;
const DEFAULT_PATIENTS = 500;
/** Patients that single Observations are about. */
const PATIENTS = 100;

/** Ingest over HTTP by a client in another process, until records and lineage have everything. */
export async function benchIngest(options: BenchOptions): Promise<BenchResult> {
  const server = await startBenchServer();
  const client = new HttpClient(server.url, options.clients ?? DEFAULT_CLIENTS);
  try {
    await registerSource(client, SOURCE);
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
  const latencies = new Latencies();
  let resources = 0;
  const startedMs = performance.now();
  for (const rank of new Set(files.map((file) => file.rank))) {
    await eachOf(
      files.filter((file) => file.rank === rank),
      clients,
      async ({ bytes }) => {
        const { status, body } = await latencies.measure(() => sendBundle(client, SOURCE, bytes));
        if (status !== 200)
          throw new Error(`a Bundle was refused with ${status}: ${body.toString('utf8').slice(0, 500)}`);
        resources += countAccepted(body);
      },
    );
  }
  await viewsCaughtUp(client);
  return result('bundles', clients, resources, startedMs, latencies, server);
}

async function requests(server: BenchServer, client: HttpClient, options: BenchOptions): Promise<BenchResult> {
  const { workload } = options;
  const clients = options.clients ?? DEFAULT_CLIENTS;
  const count = options.requests ?? DEFAULT_REQUESTS;
  const latencies = new Latencies();
  const headers = { 'Content-Type': 'application/fhir+json' };
  const path = workload === 'pair' ? `/fhir/${SOURCE}` : `/fhir/${SOURCE}/Observation`;
  const startedMs = performance.now();
  await eachOf(Array(count).keys(), clients, async (index) => {
    const body = Buffer.from(
      JSON.stringify(workload === 'pair' ? pair(index) : observation(index, `Patient/p${index % PATIENTS}`)),
    );
    const { status } = await latencies.measure(() => client.send('POST', path, headers, body));
    if (status !== (workload === 'pair' ? 200 : 201)) throw new Error(`a request was refused with ${status}`);
  });
  await viewsCaughtUp(client);
  return result(workload, clients, count, startedMs, latencies, server);
}

function result(
  workload: string,
  clients: number,
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
  const dir = await temporaryFolder();
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
