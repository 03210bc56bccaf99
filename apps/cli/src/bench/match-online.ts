import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { setTimeout as delay } from 'node:timers/promises';
import { eachOf, HttpClient } from '../http-client.js';
import { registerSource, sendBundle } from '../import/import.js';
import { thousands } from '../output.js';
import { type BenchOptions, type BenchResult } from './bench-options.js';
import { Latencies, round } from './latency.js';
import { startBenchServer } from './server-process.js';

const SOURCE = 'st-mary';
const DEFAULT_RECORDS = 100_000;
const DEFAULT_REQUESTS = 2_000;
/** Not measured: what is compiled and planned by the first ones. */
const WARM_UP = 300;
const BUNDLE_RECORDS = 500;
const LOAD_CLIENTS = 2;
const LOOK_MS = 200;

/**
 * One new Patient at a time against many: from its PUT until the answer which person it is of, which waits until that is
 * decided and recorded. `--data`: a CSV file with a header; its first `--records` rows are loaded, those after are sent.
 */
export async function benchMatchOnline(options: BenchOptions): Promise<BenchResult> {
  const { data, records = DEFAULT_RECORDS, requests = DEFAULT_REQUESTS } = options;
  if (!data) throw new Error('give people as --data FILE.csv or FILE.csv.gz: given_name,surname,date_of_birth,…');
  const server = await startBenchServer();
  const client = new HttpClient(server.url, LOAD_CLIENTS);
  const startedMs = performance.now();
  try {
    await registerSource(client, SOURCE);
    const people = patientsOf(data);
    const last = await load(client, people, records);
    const sentMs = performance.now();
    await matched(client, last);
    const matchedMs = performance.now();
    process.stderr.write(`${thousands(records)} records are loaded and matched\n`);
    const written = new Latencies();
    const decided = new Latencies();
    for (let request = 0; request < WARM_UP + requests; request++) {
      const { value, done } = await people.next();
      if (done) throw new Error(`the file has not ${records + WARM_UP + requests} rows: take fewer --records`);
      const answer = await one(client, `new-${value.id}`, { ...value, id: `new-${value.id}` });
      if (request < WARM_UP) continue;
      written.add(answer.writtenMs);
      decided.add(answer.decidedMs);
    }
    return {
      bench: 'match-online',
      records,
      requests,
      p50Ms: decided.percentile(0.5),
      p99Ms: decided.percentile(0.99),
      writeP50Ms: written.percentile(0.5),
      writeP99Ms: written.percentile(0.99),
      loadSeconds: round((sentMs - startedMs) / 1000, 1),
      matchedPerSecond: Math.round(records / ((matchedMs - startedMs) / 1000)),
      memoryMb: Math.round(server.peakMemoryMb()),
    };
  } finally {
    client.close();
    await server.stop();
  }
}

type Patient = { id: string } & Record<string, unknown>;

async function one(
  client: HttpClient,
  id: string,
  patient: Patient,
): Promise<{ writtenMs: number; decidedMs: number }> {
  const body = Buffer.from(JSON.stringify(patient));
  const startedMs = performance.now();
  const put = await client.send(
    'PUT',
    `/fhir/${SOURCE}/Patient/${id}`,
    { 'Content-Type': 'application/fhir+json' },
    body,
  );
  const writtenMs = performance.now() - startedMs;
  const person = await client.get(`/fhir/${SOURCE}/Patient/${id}/$person`);
  const decidedMs = performance.now() - startedMs;
  if (put.status !== 201 || person.status !== 200)
    throw new Error(`a Patient was answered with ${put.status}, its person with ${person.status}`);
  return { writtenMs, decidedMs };
}

/** Sends the next `count` in transactions; returns the seq of the last. */
async function load(client: HttpClient, people: AsyncIterator<Patient>, count: number): Promise<number> {
  let last = -1;
  const sizes = Array.from({ length: Math.ceil(count / BUNDLE_RECORDS) }, (_, at) =>
    Math.min(BUNDLE_RECORDS, count - at * BUNDLE_RECORDS),
  );
  await eachOf(sizes, LOAD_CLIENTS, async (size) => {
    const entry: object[] = [];
    for (let at = 0; at < size; at++) {
      const { value, done } = await people.next();
      if (done) throw new Error(`the file has not ${count} rows: take fewer --records`);
      entry.push({ resource: value, request: { method: 'PUT', url: `Patient/${(value as Patient).id}` } });
    }
    const bundle = { resourceType: 'Bundle', type: 'transaction', entry };
    const { headers } = await sendBundle(client, SOURCE, Buffer.from(JSON.stringify(bundle)));
    last = Math.max(last, Number(String(headers['chartledger-position']).split(':')[1]));
  });
  return last;
}

/** Resolves when everything up to `seq` of chain 1 is matched. */
async function matched(client: HttpClient, seq: number): Promise<void> {
  for (;;) {
    const { status, body } = await client.get('/fhir/chartledger/Basic/persons');
    const found = status === 200 ? /(?:"|,)1:(\d+)/.exec(body.toString('utf8').replaceAll('\\"', '"'))?.[1] : undefined;
    if (Number(found ?? -1) >= seq) return;
    await delay(LOOK_MS);
  }
}

async function* patientsOf(file: string): AsyncGenerator<Patient, undefined> {
  const raw = createReadStream(file);
  const input = file.endsWith('.gz') ? raw.pipe(createGunzip()) : raw;
  let columns: string[] | undefined;
  for await (const line of createInterface({ input })) {
    const cells = line.split(',');
    if (!columns) columns = cells.map((cell) => cell.trim());
    else yield patientOf(Object.fromEntries(columns.map((column, at) => [column, cells[at]?.trim() ?? ''])));
  }
  return undefined;
}

function patientOf(row: Readonly<Record<string, string>>): Patient {
  const { id, given_name: given, surname: family, sex, date_of_birth: birth, phone, soc_sec_id: ssn } = row;
  const line = [row['street_number'], row['address_1']].filter(Boolean).join(' ');
  const birthDate = /^\d{8}$/.test(birth) ? `${birth.slice(0, 4)}-${birth.slice(4, 6)}-${birth.slice(6)}` : '';
  const isDate = birthDate !== '' && new Date(birthDate).toJSON()?.startsWith(birthDate);
  return {
    resourceType: 'Patient',
    id,
    name: [{ ...(family ? { family } : {}), ...(given ? { given: [given] } : {}), use: 'official' }],
    ...(sex === 'f' || sex === 'm' ? { gender: sex === 'f' ? 'female' : 'male' } : {}),
    ...(isDate ? { birthDate } : {}),
    ...(phone ? { telecom: [{ system: 'phone', value: phone }] } : {}),
    ...(ssn ? { identifier: [{ system: 'http://hl7.org/fhir/sid/us-ssn', value: ssn }] } : {}),
    ...(line || row['suburb']
      ? {
          address: [
            {
              ...(line ? { line: [line] } : {}),
              ...(row['suburb'] ? { city: row['suburb'] } : {}),
              ...(row['postcode'] ? { postalCode: row['postcode'] } : {}),
            },
          ],
        }
      : {}),
  };
}
