import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, readdir, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { link, leafHash, sha256 } from '@chartledger/ledger';
import { childEnvironment, readConfig } from '@chartledger/platform';
import { eventually, processesOf, sampleDrafts, temporaryFolder } from '@chartledger/testing';
import { openStore, type Store } from '../../apps/chartledger/src/store.js';
import { cli, type CliRun } from './cli.js';

/** kill -9 of `backup` and of `restore`, at any moment: what is left is refused or gone on with, and never taken for whole. */

const SEED = Number(process.env['CHARTLEDGER_TEST_SEED'] ?? Date.now() % 1_000_000);
const CLI = resolve(dirname(fileURLToPath(import.meta.url)), '../../dist/apps/cli/src/main.js');
const CHAIN = 1;
const ENTRIES = 24_000;
const KILLS = 5;
const TIMEOUT_MS = 170_000;
/** The longest that a command lives before it is killed: about as long as it needs. */
const LIFETIME_MS = { backup: 1_500, restore: 3_000 };

let root: string;
let original: string;
let backup: string;

beforeAll(async () => {
  root = await temporaryFolder();
  [original, backup] = [join(root, 'data'), join(root, 'backup')];
  const store = await open(original);
  for (let done = 0; done < ENTRIES; done += 2_000) {
    const head = await store.ledger.head(CHAIN);
    const entries = link(head, sampleDrafts(2_000, { first: done, payloadBytes: 900 }), Date.now());
    expect(await store.ledger.append(head, entries)).toBe(true);
  }
  await store.close();
}, TIMEOUT_MS);
afterAll(async () => {
  expect(processesOf(root)).toEqual([]);
  await rm(root, { recursive: true, force: true });
}, TIMEOUT_MS);

const open = (dataDir: string): Promise<Store> => openStore(readConfig({ CHARTLEDGER_DATA_DIR: dataDir }));

/** Runs a command in a process group of its own and kills the group, its PostgreSQL included, after so long. Says whether it was in time to be killed. */
async function killed(dataDir: string, lifetimeMs: number, ...args: string[]): Promise<boolean> {
  const env = childEnvironment({ CHARTLEDGER_DATA_DIR: dataDir });
  const child = spawn(process.execPath, [CLI, ...args], { env, detached: true, stdio: 'ignore' });
  const ended = once(child, 'close');
  await Promise.race([ended, delay(lifetimeMs)]);
  if (child.exitCode !== null) return false;
  const pids = [child.pid!, ...processesOf(dataDir).map(({ pid }) => pid)];
  for (const pid of pids) endNow(pid);
  await ended;
  // A PostgreSQL that is not quite gone would be taken for one that runs.
  await eventually('every process has gone', () => pids.every((pid) => !existsSync(`/proc/${pid}`)));
  return true;
}

function endNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** When each attempt is killed. */
function lifetimes(most: number): number[] {
  const times = fc.array(fc.integer({ min: 100, max: most }), { minLength: KILLS, maxLength: KILLS });
  return fc.sample(times, { seed: SEED, numRuns: 1 })[0];
}

async function entryHash(dataDir: string): Promise<string> {
  const store = await open(dataDir);
  try {
    const parts: Buffer[] = [];
    for await (const batch of store.ledger.read(CHAIN, 0)) {
      for (const { envelope, payload } of batch) parts.push(leafHash(envelope), sha256(payload));
    }
    expect(parts).toHaveLength(2 * ENTRIES);
    const last = await store.checkpoints.last(CHAIN);
    return sha256(Buffer.concat([...parts, Buffer.from(last!.note)])).toString('hex');
  } finally {
    await store.close();
  }
}

const sound = async (run: Promise<CliRun>): Promise<void> => {
  const { code, stdout, stderr } = await run;
  if (code !== 0) throw new Error(`it ended with ${code}: ${stdout} ${stderr}`);
};

describe(`kill -9 (seed ${SEED})`, () => {
  it(
    'of a backup: run again it ends whole, with no draft left',
    async () => {
      let kills = 0;
      for (const lifetimeMs of lifetimes(LIFETIME_MS.backup)) {
        if (await killed(original, lifetimeMs, 'backup', backup)) kills += 1;
      }
      expect(kills).toBeGreaterThan(0);
      await sound(cli(original, 'backup', backup));
      await sound(cli(original, 'verify', '--dir', backup, '--payloads'));
      const names = await readdir(backup, { recursive: true });
      expect(names.filter((name) => name.endsWith('.new'))).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'of a restore: until it was run to its end, verify finds the end missing; then it is the same ledger',
    async () => {
      const target = join(root, 'target');
      await cp(join(original, 'keys'), join(target, 'keys'), { recursive: true });
      // The database is there: one whose making was cut off does not start, and is removed by hand.
      await (await open(target)).close();
      let kills = 0;
      for (const lifetimeMs of lifetimes(LIFETIME_MS.restore)) {
        if (!(await killed(target, lifetimeMs, 'restore', backup))) continue;
        kills += 1;
        const { code, stdout, stderr } = await cli(target, 'verify', '--json');
        if (stdout === '') throw new Error(`verify ended with ${code}: ${stderr}`);
        const [, chain] = (JSON.parse(stdout) as { chains: { size?: number; reason?: string }[] }).chains;
        // Sound only when nothing was written yet, or all.
        if (code === 0) expect([0, ENTRIES]).toContain(chain.size);
        else expect([code, chain.reason]).toEqual([1, 'tail_cut']);
      }
      expect(kills).toBeGreaterThan(0);
      await sound(cli(target, 'restore', backup));
      expect(await entryHash(target)).toBe(await entryHash(original));
    },
    TIMEOUT_MS,
  );
});
