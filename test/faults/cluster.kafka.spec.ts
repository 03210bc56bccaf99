import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { readLedgerOverHttp, readEnvelope } from '@chartledger/ledger';
import { describeKafka, eventually, http } from '@chartledger/testing';
import { cli } from './cli.js';
import { startClusterProcess, type ClusterProcess, type Stage } from './cluster-process.js';

/** Processes of every stage are killed and paused under load: nothing acknowledged is lost, nothing is there twice. */

const SOURCES = ['st-mary', 'lakeside', 'town-lab'];
const WRITERS_A_SOURCE = 2;
/** Longer than the silence after which PostgreSQL ends the session that holds a sequencer's chains. */
const PAUSE_MS = 8_000;
/** Acknowledged writes after a fault, by which the system has recovered from it. */
const RECOVERED = 30;

interface Acknowledged {
  source: string;
  path: string;
}

describeKafka('the cluster under load', () => {
  let cluster: ClusterProcess;
  const acknowledged: Acknowledged[] = [];
  let isOver = false;
  let writing: Promise<unknown>;

  beforeAll(async () => {
    cluster = await startClusterProcess();
    for (const name of SOURCES) {
      const { status } = await http(`${cluster.url}/sources`, { method: 'POST', body: JSON.stringify({ name }) });
      expect(status).toBe(201);
    }
    writing = Promise.all(
      SOURCES.flatMap((source) =>
        Array.from({ length: WRITERS_A_SOURCE }, (_, writer) => write(source, `${source}-${writer}`)),
      ),
    );
  });
  afterAll(async () => {
    isOver = true;
    await cluster?.stop();
  });

  /** A feed: what was not acknowledged is sent again under the same key until it is. */
  async function write(source: string, name: string): Promise<void> {
    for (let number = 0; !isOver; number += 1) {
      const body = JSON.stringify({ resourceType: 'Patient', identifier: [{ value: `${name}-${number}` }] });
      const headers = { 'Content-Type': 'application/fhir+json', 'Idempotency-Key': `${name}-${number}` };
      for (let done = false; !done && !isOver;) {
        const answer = await http(`${cluster.url}/fhir/${source}/Patient`, { method: 'POST', headers, body }).catch(
          () => undefined,
        );
        done = answer?.status === 201;
        if (done) acknowledged.push({ source, path: new URL(answer!.headers.get('location')!).pathname });
        else await delay(20);
      }
    }
  }

  function stages(program: string): Stage[] {
    return cluster.stages.filter((stage) => stage.program === program);
  }

  /** Writes go on for every source. */
  async function recovered(): Promise<void> {
    const before = acknowledged.length;
    await eventually('writes on every source', () => {
      const since = acknowledged.slice(before);
      return since.length >= RECOVERED && SOURCES.every((source) => since.some((one) => one.source === source));
    });
  }

  it('goes on while a sequencer is paused past its lock, and when it wakes as a zombie', async () => {
    await recovered();
    const [paused] = stages('sequencer');
    process.kill(paused.pid, 'SIGSTOP');
    await delay(PAUSE_MS);
    await recovered();
    process.kill(paused.pid, 'SIGCONT');
    await recovered();
  });

  it('goes on when a projector is killed: another keeps its views', async () => {
    process.kill(stages('projector')[0].pid, 'SIGKILL');
    await recovered();
    const { source, path } = acknowledged[acknowledged.length - 1];
    const record = `/lineage/records/${source}/${path.split(`/fhir/${source}/`)[1].replace(/\/_history.*/, '')}`;
    await eventually('the lineage of the last record', async () => (await http(cluster.url + record)).status === 200);
  });

  it('goes on when a gateway is killed with requests in flight', async () => {
    process.kill(stages('gateway')[0].pid, 'SIGKILL');
    await recovered();
  });

  it('goes on when a sequencer is killed: another takes its chains', async () => {
    process.kill(stages('sequencer')[1].pid, 'SIGKILL');
    await recovered();
  });

  it('has everything that was acknowledged, once, in a chain that verifies', async () => {
    isOver = true;
    await writing;
    const reads = await Promise.all(acknowledged.map(({ path }) => http(cluster.url + path)));
    expect(reads.filter(({ status }) => status !== 200)).toEqual([]);

    const { chains } = await readLedgerOverHttp(cluster.url);
    // The list of chains waits for a checkpoint over what was acknowledged.
    await http(`${cluster.url}/ledger/chains`);
    const submissions: string[] = [];
    for (const chain of chains.filter((one) => one.chain > 0)) {
      for await (const batch of chain.entries(0))
        submissions.push(...batch.map(({ envelope }) => readEnvelope(envelope).submission));
    }
    expect(new Set(submissions).size).toBe(submissions.length);
    expect(submissions.length).toBeGreaterThanOrEqual(acknowledged.length);
    // A writer that was interrupted by the end of the test may have one more, which nobody was told of.
    expect(submissions.length).toBeLessThanOrEqual(acknowledged.length + SOURCES.length * WRITERS_A_SOURCE);

    const verified = await cli('.', 'verify', '--payloads', '--from-url', cluster.url);
    expect({ ...verified, stderr: '' }).toMatchObject({ code: 0 });
  });

  it('leaves nothing running', async () => {
    const pids = cluster.stages.map(({ pid }) => pid);
    // Those that were not killed end in good order, or this is not 0.
    expect(await cluster.stop()).toBe(0);
    expect(pids.filter(isAlive)).toEqual([]);
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describeKafka('the demo through the cluster', () => {
  it('ends by itself, finds the altered byte, and exits with 0', async () => {
    const { code, stdout } = await cli('.', 'cluster', 'demo', '--patients', '20');
    expect(stdout).toContain('NOT SOUND at');
    expect(stdout).toContain('verified: the entry at');
    expect(code).toBe(0);
  });
});
