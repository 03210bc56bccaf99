import { once } from 'node:events';
import { startCluster, DEFAULT_SIZE, type Cluster } from '../cluster/cluster.js';
import { HttpClient } from '../http-client.js';
import { registerSource } from '../import/import.js';
import { type BenchResult } from './bench-options.js';
import { round } from './latency.js';

const SOURCES = ['st-mary', 'lakeside', 'town-lab', 'hill-clinic'];
const ROUNDS = 3;
/** Writes that must succeed after the kill, on every source. */
const WRITES_AFTER = 5;

interface Acknowledged {
  source: string;
  id: string;
}

/**
 * How long writes wait when the sequencer that owns their chain is killed, through gateways that go on: the longest time
 * from the kill to an acknowledged write on every source. Everything acknowledged is read back afterwards.
 */
export async function benchTakeover(): Promise<BenchResult> {
  const cluster = await startCluster({ ...DEFAULT_SIZE, brokers: 1, sequencers: 1 + ROUNDS }, () => undefined);
  const client = new HttpClient(cluster.url, SOURCES.length * 2);
  try {
    for (const source of SOURCES) await registerSource(client, source);
    const acknowledged: Acknowledged[] = [];
    await writeEverywhere(client, acknowledged);
    const takeoverSeconds: number[] = [];
    for (let kill = 0; kill < ROUNDS; kill += 1) {
      const startedMs = performance.now();
      await killSequencer(cluster, kill);
      await writeEverywhere(client, acknowledged);
      takeoverSeconds.push((performance.now() - startedMs) / 1000);
      for (let again = 0; again < WRITES_AFTER; again += 1) await writeEverywhere(client, acknowledged);
    }
    const lost = await countLost(client, acknowledged);
    if (lost > 0) throw new Error(`${lost} of ${acknowledged.length} acknowledged records are gone`);
    return {
      bench: 'takeover',
      kills: ROUNDS,
      acknowledged: acknowledged.length,
      lost,
      seconds: round(Math.max(...takeoverSeconds)),
      each: takeoverSeconds.map((seconds) => round(seconds)).join(' '),
    };
  } finally {
    client.close();
    await cluster.stop();
  }
}

async function killSequencer({ processes }: Cluster, index: number): Promise<void> {
  const { process } = processes.filter(({ program }) => program === 'sequencer')[index];
  process.kill('SIGKILL');
  await once(process, 'exit');
}

/** One write on each source, all at once. */
async function writeEverywhere(client: HttpClient, acknowledged: Acknowledged[]): Promise<void> {
  await Promise.all(
    SOURCES.map(async (source) => {
      const body = Buffer.from(JSON.stringify({ resourceType: 'Patient', gender: 'unknown' }));
      const headers = { 'Content-Type': 'application/fhir+json' };
      const answer = await client.send('POST', `/fhir/${source}/Patient`, headers, body);
      if (answer.status !== 201) throw new Error(`a write was answered with ${answer.status}`);
      acknowledged.push({ source, id: String(answer.headers['location']).split('/Patient/')[1].split('/')[0] });
    }),
  );
}

async function countLost(client: HttpClient, acknowledged: readonly Acknowledged[]): Promise<number> {
  let lost = 0;
  for (const { source, id } of acknowledged) {
    const { status } = await client.get(`/fhir/${source}/Patient/${id}`);
    if (status !== 200) lost += 1;
  }
  return lost;
}
