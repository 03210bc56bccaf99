import { createHash } from 'node:crypto';
import { eachOf, HttpClient, type HttpAnswer } from '../http-client.js';
import { importFiles, readImportFile, type ImportFile } from './import-files.js';

/** Enough to keep a server of two cores busy with whole Bundles. */
export const DEFAULT_CLIENTS = 8;

export interface ImportOptions {
  url: string;
  source: string;
  clients: number;
  onProgress?: (done: ImportCounts, total: number) => void;
}

export interface ImportCounts {
  files: number;
  /** Entries of Bundles and lines of NDJSON that were accepted, the same content again included. */
  accepted: number;
  refused: number;
  /** Files that were accepted before and left nothing new. */
  repeated: number;
  /** What was refused and why, the first of them; no content of records. */
  errors: string[];
}

const MAX_ERRORS = 20;

/**
 * Sends files to a source of a server, byte for byte. Each has an Idempotency-Key of its own content, so an import that
 * was cut short can simply be run again. Registers the source on first use.
 */
export async function importPaths(paths: readonly string[], options: ImportOptions): Promise<ImportCounts> {
  const client = new HttpClient(options.url, options.clients);
  const counts: ImportCounts = { files: 0, accepted: 0, refused: 0, repeated: 0, errors: [] };
  try {
    await registerSource(client, options.source);
    const files = importFiles(paths);
    const ranks = [...new Set(files.map((file) => file.rank))];
    for (const rank of ranks) {
      const ofRank = files.filter((file) => file.rank === rank);
      const lanes = rank === Math.max(...ranks) && rank > 2 ? 1 : options.clients;
      await eachOf(ofRank, lanes, async (file) => {
        await sendFile(client, options.source, file, counts);
        counts.files += 1;
        options.onProgress?.(counts, files.length);
      });
    }
    return counts;
  } finally {
    client.close();
  }
}

export async function registerSource(client: HttpClient, source: string): Promise<void> {
  const body = Buffer.from(JSON.stringify({ name: source }));
  const { status, body: text } = await client.send('POST', '/sources', { 'Content-Type': 'application/json' }, body);
  // A source that is registered otherwise (409) exists all the same.
  if (status >= 300 && status !== 409)
    throw new Error(`the source ${source} could not be registered: ${text.toString('utf8')}`);
}

async function sendFile(client: HttpClient, source: string, { path }: ImportFile, counts: ImportCounts): Promise<void> {
  const bytes = readImportFile(path);
  if (!/\.ndjson(\.gz)?$/.test(path)) return count(counts, path, await sendBundle(client, source, bytes));
  let line = 0;
  for (const text of bytes.toString('utf8').split('\n')) {
    line += 1;
    if (text.trim()) count(counts, `${path}:${line}`, await sendResource(client, source, Buffer.from(text)));
  }
}

/** A Bundle goes to the source's base. */
export function sendBundle(client: HttpClient, source: string, bytes: Buffer): Promise<HttpAnswer> {
  return client.send('POST', `/fhir/${source}`, headersFor(bytes), bytes);
}

/** A line of NDJSON keeps its id (PUT) where it has one. */
function sendResource(client: HttpClient, source: string, bytes: Buffer): Promise<HttpAnswer> {
  const { resourceType, id } = JSON.parse(bytes.toString('utf8')) as { resourceType: string; id?: string };
  const path = `/fhir/${source}/${resourceType}${id === undefined ? '' : `/${id}`}`;
  return client.send(
    id === undefined ? 'POST' : 'PUT',
    path,
    { ...headersFor(bytes), Prefer: 'return=minimal' },
    bytes,
  );
}

function headersFor(bytes: Buffer): Record<string, string> {
  return {
    'Content-Type': 'application/fhir+json',
    'Idempotency-Key': createHash('sha256').update(bytes).digest('hex'),
  };
}

interface BundleAnswer {
  entry?: { response: { status: string; outcome?: Outcome } }[];
}

interface Outcome {
  issue?: { diagnostics?: string; expression?: string[] }[];
}

function count(counts: ImportCounts, name: string, { status, headers, body }: HttpAnswer): void {
  if (headers['idempotent-replayed'] === 'true') counts.repeated += 1;
  if (status >= 300) return refuse(counts, name, status, JSON.parse(body.toString('utf8')) as Outcome);
  const answer = body.length > 0 ? (JSON.parse(body.toString('utf8')) as BundleAnswer) : {};
  if (!answer.entry) {
    counts.accepted += 1;
    return;
  }
  answer.entry.forEach(({ response }, index) => {
    const entryStatus = Number(response.status.slice(0, 3));
    if (entryStatus < 300) counts.accepted += 1;
    else refuse(counts, `${name} entry ${index}`, entryStatus, response.outcome ?? {});
  });
}

function refuse(counts: ImportCounts, name: string, status: number, outcome: Outcome): void {
  counts.refused += 1;
  if (counts.errors.length >= MAX_ERRORS) return;
  const [issue] = outcome.issue ?? [];
  counts.errors.push(`${name}: ${status} ${issue?.expression?.[0] ?? ''} ${issue?.diagnostics ?? ''}`);
}
