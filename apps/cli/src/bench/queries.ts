import { TILE_WIDTH, tilePath } from '@chartledger/ledger';
import { eachOf, HttpClient } from '../http-client.js';
import { registerSource, sendBundle } from '../import/import.js';
import { thousands } from '../output.js';
import { type BenchOptions, type BenchResult } from './bench-options.js';
import { loadFiles, loadTown } from './ingest.js';
import { Latencies, round } from './latency.js';
import { startBenchServer } from './server-process.js';

const SOURCE = 'st-mary';
const DEFAULT_REQUESTS = 5_000;
const DEFAULT_TILES = 4_000;
const DEFAULT_CLIENTS = 4;
const LOAD_CLIENTS = 8;
/** Some 50,000 resources at st-mary; 16,000 people make 500,000. */
const DEFAULT_PATIENTS = 1_600;

/** Lineage of records chosen evenly over all that was loaded. */
export function benchLineage(options: BenchOptions): Promise<BenchResult> {
  return overLoaded('lineage', options, (client, record) => client.get(`/lineage/records/${SOURCE}/${record.path}`));
}

/** Inclusion proofs of entries chosen evenly over the chain. */
export function benchProof(options: BenchOptions): Promise<BenchResult> {
  return overLoaded('proof', options, (client, { seq }) => client.get(`/ledger/chains/1/entries/${seq}/proof`));
}

/**
 * Complete tiles as a verifier of someone else's reads them, round after round: each entry bundle with the tile of leaf
 * hashes over it. `perSecond` counts entries.
 */
export async function benchTiles(options: BenchOptions): Promise<BenchResult> {
  const { requests = DEFAULT_TILES, clients = DEFAULT_CLIENTS } = options;
  const server = await startBenchServer();
  const client = new HttpClient(server.url, Math.max(clients, LOAD_CLIENTS));
  try {
    const entries = (await loadRecords(client, options)).length;
    const tiles = Math.floor(entries / TILE_WIDTH);
    // A tile is served when it is complete, which it is when the last entry is covered.
    await client.get(`/ledger/chains/1/entries/${entries - 1}/proof`);
    const latencies = new Latencies();
    let bytes = 0;
    const startedMs = performance.now();
    await eachOf(Array(requests).keys(), clients, async (request) => {
      for (const level of ['entries', 0] as const) {
        const path = tilePath({ level, index: request % tiles, width: TILE_WIDTH });
        const answer = await latencies.measure(() => client.count(`/ledger/chains/1/${path}`));
        if (answer.status !== 200) throw new Error(`${path} was answered with ${answer.status}`);
        bytes += answer.bytes;
      }
    });
    const seconds = (performance.now() - startedMs) / 1000;
    return {
      bench: 'tiles',
      entries,
      clients,
      requests: requests * 2,
      perSecond: Math.round((requests * TILE_WIDTH) / seconds),
      megabytesPerSecond: round(bytes / seconds / 1e6, 0),
      p50Ms: latencies.percentile(0.5),
      p99Ms: latencies.percentile(0.99),
    };
  } finally {
    client.close();
    await server.stop();
  }
}

/** How long a server takes to serve, and to answer a first read, that finds its ledger and views where it left them. */
export async function benchStart(options: BenchOptions): Promise<BenchResult> {
  const first = await startBenchServer();
  const client = new HttpClient(first.url, LOAD_CLIENTS);
  const records = await loadRecords(client, options);
  client.close();
  await first.end();
  const startedMs = performance.now();
  const again = await startBenchServer(first.dataDir);
  const seconds = (performance.now() - startedMs) / 1000;
  const reader = new HttpClient(again.url, 1);
  const { status } = await reader.get(`/fhir/${SOURCE}/${records[0].path}`);
  if (status !== 200) throw new Error(`a read after the start was answered with ${status}`);
  const secondsToRead = (performance.now() - startedMs) / 1000;
  reader.close();
  await again.stop();
  return { bench: 'start', entries: records.length, seconds: round(seconds), secondsToRead: round(secondsToRead) };
}

interface Loaded {
  path: string;
  seq: number;
}

async function overLoaded(
  bench: string,
  options: BenchOptions,
  ask: (client: HttpClient, record: Loaded) => Promise<{ status: number }>,
): Promise<BenchResult> {
  const { requests = DEFAULT_REQUESTS, clients = DEFAULT_CLIENTS } = options;
  const server = await startBenchServer();
  const client = new HttpClient(server.url, Math.max(clients, LOAD_CLIENTS));
  try {
    const records = await loadRecords(client, options);
    const step = Math.max(1, Math.floor(records.length / requests));
    // A proof waits for its checkpoint; that wait is not what is measured.
    await client.get(`/ledger/chains/1/entries/${records.length - 1}/proof`);
    const latencies = new Latencies();
    const startedMs = performance.now();
    await eachOf(Array(requests).keys(), clients, async (index) => {
      const { status } = await latencies.measure(() => ask(client, records[(index * step) % records.length]));
      if (status !== 200) throw new Error(`a request was answered with ${status}`);
    });
    const seconds = (performance.now() - startedMs) / 1000;
    return {
      bench,
      entries: records.length,
      clients,
      requests,
      perSecond: round(requests / seconds, 0),
      p50Ms: latencies.percentile(0.5),
      p99Ms: latencies.percentile(0.99),
    };
  } finally {
    client.close();
    await server.stop();
  }
}

async function loadRecords(client: HttpClient, options: BenchOptions): Promise<Loaded[]> {
  await registerSource(client, SOURCE);
  const files = options.data ? loadFiles(options.data) : await loadTown(options.patients ?? DEFAULT_PATIENTS);
  const records: string[] = [];
  for (const rank of new Set(files.map((file) => file.rank))) {
    await eachOf(
      files.filter((file) => file.rank === rank),
      rank > 2 ? 1 : LOAD_CLIENTS,
      async ({ bytes }) => {
        const { body } = await sendBundle(client, SOURCE, bytes);
        for (const { response } of (
          JSON.parse(body.toString('utf8')) as { entry: { response: { location?: string } }[] }
        ).entry) {
          const path = response.location?.split(`/fhir/${SOURCE}/`)[1]?.split('/_history/')[0];
          if (path) records.push(path);
        }
      },
    );
  }
  process.stderr.write(`${thousands(records.length)} records are loaded\n`);
  return records.map((path, seq) => ({ path, seq }));
}
