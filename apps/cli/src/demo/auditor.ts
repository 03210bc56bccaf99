import { createHash } from 'node:crypto';
import { Client } from 'fhir-kit-client';
import { parsePosition, parseVerifierKey, verifyTlogProof } from '@chartledger/ledger';
import { HttpClient } from '../http-client.js';
import { print, thousands } from '../output.js';
import { title } from './title.js';

interface Lineage {
  versions: {
    version: number;
    kind: string;
    position: string;
    time: string;
    submission: string;
    part: number;
    parts: number;
    actor: string;
    leaf: string;
    received: { sha256: string; bytes: number } | null;
    request: { method: string; url: string };
    provenance: { id: string }[];
    checkpoint: { size: number; time: string } | null;
  }[];
}

interface PatientMatch {
  id: string;
  meta: { versionId: string };
  name?: { family?: string; given?: string[] }[];
}

/** What an auditor asks of one record, with every answer checked here and not believed. */
export async function askAsAuditor(url: string, source: string): Promise<void> {
  const http = new HttpClient(url, 1);
  try {
    title('3. The ledger: chains, and what was signed of them');
    await showChains(http);
    const patient = await findPatient(`${url}/fhir/${source}`);
    const record = `${source}/Patient/${patient.id}`;

    title('4. Where is this record from? Its lineage');
    print(`${record}, read as FHIR with fhir-kit-client: version ${patient.meta.versionId}, ${nameOf(patient)}`);
    const lineage = JSON.parse((await http.get(`/lineage/records/${record}`)).body.toString('utf8')) as Lineage;
    showLineage(lineage);

    title('5. Is that so? The proof, verified without the server');
    const [first] = lineage.versions;
    await showProof(http, first.position);

    title('6. What exactly did they send? The received bytes');
    const { body } = await http.get(`/lineage/records/${record}/versions/${first.version}/received`);
    const sha256 = createHash('sha256').update(body).digest('hex');
    const isSame = sha256 === first.received?.sha256;
    print(`${thousands(body.length)} bytes, SHA-256 ${sha256}`);
    print(
      isSame ? 'the same as the lineage says: every space and every digit as it was sent' : 'NOT what the lineage says',
    );
    if (!isSame) throw new Error('the received bytes are not the ones that the lineage names');
  } finally {
    http.close();
  }
}

async function showChains(http: HttpClient): Promise<void> {
  const chains = JSON.parse((await http.get('/ledger/chains')).body.toString('utf8')) as {
    chain: number;
    size: number;
    head: string;
    sources: string[];
  }[];
  for (const { chain, size, head, sources } of chains) {
    print(
      `chain ${chain}: ${thousands(size)} entries, head ${head.slice(0, 16)}…, ${sources.length > 0 ? sources.join(', ') : 'the system itself'}`,
    );
  }
  print(`\nthe last checkpoint of chain 1 (C2SP signed note: origin, size, Merkle root, Ed25519 signature):`);
  print(indent((await http.get('/ledger/chains/1/checkpoint')).body.toString('utf8').trimEnd()));
}

/** The patient with the most versions among the first ones, so that there is something to see. */
async function findPatient(baseUrl: string): Promise<PatientMatch> {
  const client = new Client({ baseUrl });
  const page = (await client.search({ resourceType: 'Patient', searchParams: { _count: '200' } })) as unknown as {
    entry?: { resource: PatientMatch }[];
  };
  const patients = (page.entry ?? []).map(({ resource }) => resource);
  if (patients.length === 0) throw new Error('the data has no Patient to show');
  const found = patients.reduce((best, one) => (Number(one.meta.versionId) > Number(best.meta.versionId) ? one : best));
  return (await client.read({ resourceType: 'Patient', id: found.id })) as unknown as PatientMatch;
}

function nameOf({ name }: PatientMatch): string {
  const [first] = name ?? [];
  return [...(first?.given ?? []), first?.family].filter(Boolean).join(' ') || 'without a name';
}

const VERBS: Readonly<Record<string, string>> = {
  'fhir.create': 'created',
  'fhir.update': 'changed',
  'fhir.delete': 'deleted',
  'fhir.confirm': 'sent again, unchanged',
};

function showLineage({ versions }: Lineage): void {
  for (const one of versions) {
    print(
      `version ${one.version} ${VERBS[one.kind] ?? one.kind} at ${one.position}, ${one.time}, by ${one.actor}: ${one.request.method} ${one.request.url}`,
    );
    print(
      `  part ${one.part + 1} of ${one.parts} of submission ${one.submission}; leaf hash ${one.leaf.slice(0, 16)}…`,
    );
    if (one.received) print(`  received ${thousands(one.received.bytes)} bytes`);
    for (const { id } of one.provenance) print(`  the source vouches for it in Provenance/${id}`);
    if (one.checkpoint)
      print(`  covered by the checkpoint of size ${thousands(one.checkpoint.size)}, signed ${one.checkpoint.time}`);
  }
}

export async function showProof(http: HttpClient, position: string): Promise<void> {
  const { chain, seq } = parsePosition(position)!;
  const path = `/ledger/chains/${chain}/entries/${seq}`;
  const proof = (await http.get(`${path}/proof`)).body.toString('utf8');
  const envelope = (await http.get(path)).body;
  const keys = (await http.get('/ledger/keys')).body.toString('utf8').trim().split('\n');
  print(indent(proof.trimEnd()));
  const { checkpoint } = verifyTlogProof(proof, { envelope }, keys.map(parseVerifierKey));
  print(`\nverified: the entry at ${position} is in the signed tree of ${thousands(checkpoint.size)} entries`);
}

export function indent(text: string): string {
  return text.replace(/^/gm, '    ');
}
