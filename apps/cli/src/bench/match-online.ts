import { setTimeout as delay } from 'node:timers/promises';
import { eachOf, HttpClient } from '../http-client.js';
import { registerSource, sendBundle } from '../import/import.js';
import { thousands } from '../output.js';
import { type BenchOptions, type BenchResult } from './bench-options.js';
import { type Patient, patientsOf } from './csv-patients.js';
import { Latencies, round } from './latency.js';
import { startBenchServer } from './server-process.js';

const SOURCE = 'st-mary';
const DEFAULT_RECORDS = 100_000;
const DEFAULT_REQUESTS = 2_000;
/** Not measured: what is compiled and planned by the first ones. */
const WARM_UP = 500;
const BUNDLE_RECORDS = 500;
const LOAD_CLIENTS = 2;
const LOOK_MS = 100;
/** How often it says how far the load is. */
const TELL_RECORDS = 50_000;

/**
 * One new Patient at a time against many: from its PUT until the answer which person it is of, which waits until that is
 * decided and recorded. `--data`: a CSV file with a header; its first rows are those who come new. The next `--records`, or
 * as many as there are, are loaded before, in Bundles through the API; then the server is started again, so that it must
 * load its index.
 */
export async function benchMatchOnline(options: BenchOptions): Promise<BenchResult> {
  const { data, records = DEFAULT_RECORDS, requests = DEFAULT_REQUESTS } = options;
  if (!data) throw new Error('give people as --data FILE.csv or FILE.csv.gz: given_name,surname,date_of_birth,…');
  const people = patientsOf(data);
  const newcomers = await takeFrom(people, WARM_UP + requests);
  let server = await startBenchServer();
  try {
    const loaded = await load(server.url, people, records);
    const loadMemoryMb = server.peakMemoryMb();
    await server.end();
    const startedMs = performance.now();
    server = await startBenchServer(server.dataDir);
    const indexSeconds = await indexLoaded(server.url, startedMs);
    tell(`${thousands(loaded.records)} records are matched, and the index was loaded again in ${indexSeconds} s`);
    const { decided, written } = await newPatients(server.url, newcomers);
    return {
      bench: 'match-online',
      requests: decided.count,
      ...loaded,
      indexSeconds,
      p50Ms: decided.percentile(0.5),
      p90Ms: decided.percentile(0.9),
      p99Ms: decided.percentile(0.99),
      writeP50Ms: written.percentile(0.5),
      writeP99Ms: written.percentile(0.99),
      loadMemoryMb: Math.round(loadMemoryMb),
      memoryMb: Math.round(server.peakMemoryMb()),
    };
  } finally {
    await server.stop();
  }
}

async function takeFrom(people: AsyncIterator<Patient>, count: number): Promise<Patient[]> {
  const taken: Patient[] = [];
  while (taken.length < count) {
    const { value, done } = await people.next();
    if (done) break;
    taken.push(value);
  }
  return taken;
}

/** Sends the next `count`, or as many as there are, in transactions, and waits until they are matched. */
async function load(
  url: string,
  people: AsyncIterator<Patient>,
  count: number,
): Promise<{ records: number; sentSeconds: number; loadSeconds: number; loadedPerSecond: number }> {
  const client = new HttpClient(url, LOAD_CLIENTS + 1);
  try {
    const startedMs = performance.now();
    await registerSource(client, SOURCE);
    const { last, records } = await send(client, people, count, startedMs);
    const sentSeconds = round((performance.now() - startedMs) / 1000, 1);
    await matched(client, last);
    const loadSeconds = round((performance.now() - startedMs) / 1000, 1);
    return { records, sentSeconds, loadSeconds, loadedPerSecond: Math.round(records / loadSeconds) };
  } finally {
    client.close();
  }
}

/** Returns the seq of the last, and how many there were. */
async function send(
  client: HttpClient,
  people: AsyncIterator<Patient>,
  count: number,
  startedMs: number,
): Promise<{ last: number; records: number }> {
  let last = -1;
  let sent = 0;
  const sizes = Array.from({ length: Math.ceil(count / BUNDLE_RECORDS) }, (_, at) =>
    Math.min(BUNDLE_RECORDS, count - at * BUNDLE_RECORDS),
  );
  await eachOf(sizes, LOAD_CLIENTS, async (size) => {
    const patients = await takeFrom(people, size);
    if (patients.length === 0) return;
    const entry = patients.map((resource) => ({ resource, request: { method: 'PUT', url: `Patient/${resource.id}` } }));
    const bundle = { resourceType: 'Bundle', type: 'transaction', entry };
    const { status, headers } = await sendBundle(client, SOURCE, Buffer.from(JSON.stringify(bundle)));
    if (status !== 200) throw new Error(`a Bundle was refused with ${status}`);
    last = Math.max(last, Number(String(headers['chartledger-position']).split(':')[1]));
    sent += patients.length;
    if (sent % TELL_RECORDS === 0) {
      const seconds = (performance.now() - startedMs) / 1000;
      tell(`${thousands(sent)} sent, ${thousands((await matchedUpTo(client)) + 1)} matched, ${round(seconds, 1)} s`);
    }
  });
  return { last, records: sent };
}

/** Resolves when everything up to `seq` of chain 1 is matched. */
async function matched(client: HttpClient, seq: number): Promise<void> {
  while ((await matchedUpTo(client)) < seq) await delay(LOOK_MS);
}

async function matchedUpTo(client: HttpClient): Promise<number> {
  const { status, body } = await client.get('/fhir/chartledger/Basic/persons');
  const found = status === 200 ? /(?:"|,)1:(\d+)/.exec(body.toString('utf8').replaceAll('\\"', '"'))?.[1] : undefined;
  return Number(found ?? -1);
}

/** Seconds from the start of the process until the first question who is described is answered. */
async function indexLoaded(url: string, startedMs: number): Promise<number> {
  const client = new HttpClient(url, 1);
  const question = Buffer.from(JSON.stringify({ resourceType: 'Patient', birthDate: '1970-01-01' }));
  try {
    for (;;) {
      const type = { 'Content-Type': 'application/fhir+json' };
      const { status } = await client.send('POST', '/fhir/chartledger/Patient/$match', type, question);
      if (status === 200) return round((performance.now() - startedMs) / 1000, 1);
      if (status !== 503) throw new Error(`$match was answered with ${status}`);
      await delay(LOOK_MS);
    }
  } finally {
    client.close();
  }
}

async function newPatients(
  url: string,
  newcomers: readonly Patient[],
): Promise<{ decided: Latencies; written: Latencies }> {
  const client = new HttpClient(url, 1);
  const decided = new Latencies();
  const written = new Latencies();
  try {
    for (const [at, patient] of newcomers.entries()) {
      const answer = await one(client, patient);
      if (at < WARM_UP) continue;
      written.add(answer.writtenMs);
      decided.add(answer.decidedMs);
    }
    return { decided, written };
  } finally {
    client.close();
  }
}

async function one(client: HttpClient, patient: Patient): Promise<{ writtenMs: number; decidedMs: number }> {
  const path = `/fhir/${SOURCE}/Patient/${patient.id}`;
  const body = Buffer.from(JSON.stringify(patient));
  const startedMs = performance.now();
  const put = await client.send('PUT', path, { 'Content-Type': 'application/fhir+json' }, body);
  const writtenMs = performance.now() - startedMs;
  const person = await client.get(`${path}/$person`);
  const decidedMs = performance.now() - startedMs;
  if (put.status !== 201 || person.status !== 200)
    throw new Error(`a Patient was answered with ${put.status}, its person with ${person.status}`);
  return { writtenMs, decidedMs };
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}
