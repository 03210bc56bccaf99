import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { http, FhirHttp, runToEnd, temporaryFolder, TestServer, type HttpAnswer } from '@chartledger/testing';
import { cli, type CliRun } from '../faults/cli.js';

/** `backup` of a server that is written to, `restore` into new data directories: as an operator does both. */

const TIMEOUT_MS = 120_000;

interface ChainLine {
  chain: number;
  from: number;
  size: number;
}

let server: TestServer;
let town: string;
let backup: string;
const folders: string[] = [];

async function folder(): Promise<string> {
  const made = await temporaryFolder();
  folders.push(made);
  return made;
}

/** A new data directory with the ledger's keys in it, as the operator must bring them. */
async function newDataDir(): Promise<string> {
  const dataDir = await folder();
  await cp(join(server.dataDir, 'keys'), join(dataDir, 'keys'), { recursive: true });
  return dataDir;
}

async function done(run: Promise<CliRun>): Promise<{ chains: ChainLine[] }> {
  const { code, stdout, stderr } = await run;
  expect([code, stderr.includes('chartledger:')]).toEqual([0, false]);
  return JSON.parse(stdout) as { chains: ChainLine[] };
}

const importFrom = (source: string): Promise<CliRun> =>
  cli(server.dataDir, 'import', join(town, source), '--source', source, '--url', server.url);

beforeAll(async () => {
  [town, backup] = [join(await folder(), 'town'), join(await folder(), 'backup')];
  server = new TestServer(await temporaryFolder());
  await Promise.all([server.start(), cli(town, 'generate', '--patients', '8', '--small', '--out', town)]);
}, TIMEOUT_MS);
afterAll(async () => {
  await server?.remove();
  for (const one of folders) await rm(one, { recursive: true, force: true });
}, TIMEOUT_MS);

describe('a server that was backed up while it was written to', () => {
  let first: { chains: ChainLine[] };

  it(
    'goes on, and its backup verifies by itself',
    async () => {
      expect((await importFrom('st-mary')).code).toBe(0);
      const [made, imported] = await Promise.all([
        done(cli(server.dataDir, 'backup', backup, '--json')),
        importFrom('lakeside'),
      ]);
      first = made;
      expect(imported.code).toBe(0);
      const { code, stdout } = await cli(server.dataDir, 'verify', '--dir', backup, '--payloads', '--json');
      expect(code).toBe(0);
      const verified = (JSON.parse(stdout) as { chains: ChainLine[] }).chains.map(({ chain, size }) => [chain, size]);
      expect(verified).toEqual(first.chains.map(({ chain, size }) => [chain, size]));
      expect(first.chains[1].size).toBeGreaterThan(30);
    },
    TIMEOUT_MS,
  );

  it(
    'is restored, with what came after the first backup, and answers the same',
    async () => {
      expect((await importFrom('town-lab')).code).toBe(0);
      const second = await done(cli(server.dataDir, 'backup', backup, '--json'));
      expect(second.chains.map(({ from }) => from)).toEqual(first.chains.map(({ size }) => size));
      expect(second.chains[1].size).toBeGreaterThan(first.chains[1].size);
      const before = await answersOf(server);
      await server.stop();
      // Nothing came since: a backup of the stopped server finds nothing new.
      const third = await done(cli(server.dataDir, 'backup', backup, '--json'));
      expect(third.chains.map(({ from, size }) => from === size)).toEqual([true, true]);

      const restored = new TestServer(await newDataDir());
      try {
        await done(cli(restored.dataDir, 'restore', backup, '--json'));
        await restored.start();
        expect(await answersOf(restored)).toEqual(before);
        expect(before.size).toBeGreaterThan(30);
        const fhir = new FhirHttp(`${restored.url}/fhir/st-mary`);
        expect((await fhir.post('Patient', { resourceType: 'Patient', active: true })).status).toBe(201);
      } finally {
        await restored.remove();
      }
    },
    TIMEOUT_MS,
  );
});

/** What clients and auditors see: every Patient with its text, version, lineage and received bytes; keys and checkpoints. */
async function answersOf({ url }: TestServer): Promise<Map<string, string>> {
  const answers = new Map<string, string>();
  const ask = async (path: string): Promise<HttpAnswer> => {
    const answer = await http(`${url}${path}`);
    const position = answer.headers.get('Chartledger-Position');
    answers.set(path, [answer.status, answer.headers.get('ETag'), position, answer.text].join(' '));
    expect(answer.status).toBe(200);
    return answer;
  };
  for (const path of ['keys', 'chains', 'chains/0/checkpoint', 'chains/1/checkpoint', 'chains/1/checkpoints']) {
    await ask(`/ledger/${path}`);
  }
  const rows = (await readFile(join(town, 'truth.csv'), 'utf8')).trim().split('\n').slice(1);
  for (const row of rows) {
    const [source, identifier] = row.split(',');
    const found = await http(`${url}/fhir/${source}/Patient?identifier=${encodeURIComponent(identifier)}`);
    const [{ resource }] = found.json<{ entry: { resource: { id: string } }[] }>().entry;
    const { id } = resource;
    await ask(`/fhir/${source}/Patient/${id}`);
    await ask(`/lineage/records/${source}/Patient/${id}`);
    await ask(`/lineage/records/${source}/Patient/${id}/versions/1/received`);
  }
  return answers;
}

describe('chartledger restore', () => {
  it(
    'could not run where the keys are missing or another ledger’s: code 2, and no keys are made',
    async () => {
      const empty = await folder();
      const missing = await cli(empty, 'restore', backup);
      expect(missing.code).toBe(2);
      expect(missing.stderr).toMatch(/keys are missing: .*kek.*pseudonym.*ledger-ed25519\.pem/);
      const dataDir = await newDataDir();
      await writeFile(join(dataDir, 'keys', 'kek'), `${Buffer.alloc(32, 7).toString('base64')}\n`);
      const other = await cli(dataDir, 'restore', backup);
      expect(other.code).toBe(2);
      expect(other.stderr).toContain('the kek key is not the one that this ledger was made with');
      for (const one of [empty, dataDir]) await expect(readFile(join(one, 'postgres', 'PG_VERSION'))).rejects.toThrow();
      expect((await cli(empty, 'backup', join(empty, 'backup'))).code).toBe(2);
    },
    TIMEOUT_MS,
  );

  it(
    'refuses a folder in which one byte was changed: code 1, the position, and no entry in the target',
    async () => {
      const altered = join(await folder(), 'backup');
      await cp(backup, altered, { recursive: true });
      const [{ size }] = (await done(cli(server.dataDir, 'backup', backup, '--json'))).chains.slice(1);
      const index = Math.floor(size / 256) > 0 ? '000' : `000.p/${size}`;
      const file = join(altered, 'chains/1/tile/payloads', index);
      const bytes = await readFile(file);
      bytes[Math.floor(bytes.length / 2)] ^= 1;
      await writeFile(file, bytes);
      const dataDir = await newDataDir();
      const { code, stdout } = await cli(dataDir, 'restore', altered, '--json');
      expect(code).toBe(1);
      expect(JSON.parse(stdout)).toMatchObject({ ok: false, position: expect.stringMatching(/^1:\d+$/) });
      const status = await cli(dataDir, 'status', '--json');
      expect(JSON.parse(status.stdout)).toMatchObject({ chains: [{ entries: 0 }, { entries: 0 }] });
    },
    TIMEOUT_MS,
  );

  it(
    'refuses a data directory that has another ledger in it or is in use, and backup the folder of another one',
    async () => {
      const other = new TestServer(await temporaryFolder());
      try {
        await other.start();
        const foreign = await cli(other.dataDir, 'backup', backup, '--json');
        expect([foreign.code, JSON.parse(foreign.stdout)]).toMatchObject([1, { reason: 'foreign_folder' }]);
        const keys = await cli(other.dataDir, 'restore', backup);
        expect(keys.code).toBe(2);
      } finally {
        await other.remove();
      }
      await server.start();
      const used = await cli(server.dataDir, 'restore', backup);
      expect(used.code).toBe(2);
      expect(used.stderr).toContain('in use by process');
      await server.stop();
    },
    TIMEOUT_MS,
  );

  it(
    'leaves a data directory in which no server starts when it is killed, and goes on when it is run again',
    async () => {
      const dataDir = await newDataDir();
      await done(cli(dataDir, 'restore', backup, '--json'));
      // As it is after a kill: the last checkpoint is there, its last entries are not.
      const checkpoints = join(dataDir, 'checkpoints');
      const cut = await newDataDir();
      await cp(checkpoints, join(cut, 'checkpoints'), { recursive: true });
      const { code, stderr } = await runToEnd(cut);
      expect(code).toBe(2);
      expect(stderr).toContain('acknowledged entries are gone');
      const { chains } = await done(cli(cut, 'restore', backup, '--json'));
      expect(chains[1].from).toBe(0);
      expect(await cli(cut, 'verify', '--payloads')).toMatchObject({ code: 0 });
    },
    TIMEOUT_MS,
  );
});
