import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type DuckDBInstance } from '@duckdb/node-api';
import {
  LockedSql,
  openLocked,
  SqlFailedError,
  SqlLimitError,
  SqlRefusedError,
  type QueryLimits,
  type SqlParameters,
} from '@chartledger/population';
import { eventually, processesOf, temporaryFolder } from '@chartledger/testing';
import { READY } from './child/protocol.js';
import { CANARY, LockedProject, TABLES } from './locked-sql-project.js';

/** What a query came to. `rows` of one that ended well. */
type Outcome = { rows: unknown[][] } | { refused: string } | { failed: string } | { limit: string };

interface Case {
  name: string;
  sql?: string;
  /** `text` so many times; `{i}` in it is the number of the time, `{i1}` the next. */
  repeat?: { before: string; text: string; times: number; middle?: string; close?: string; after?: string };
  parameters?: SqlParameters;
  /** Takes the answer and reads nothing of it. */
  reader?: 'stalled';
  expect: {
    /** Refused before DuckDB sees it; the text is in what is said. */
    refused?: string | true;
    failed?: string | true;
    /** One of these limits ends it: which comes first is a matter of the machine. */
    limit?: string[];
    rows?: unknown[][];
    /** Whatever comes of it, it ends and does no harm. */
    ended?: true;
  };
}

const HERE = dirname(fileURLToPath(import.meta.url));
const PROGRAM = new URL('../../dist/libs/population/src/locked-sql/locked-sql.worker.js', import.meta.url);
const REGISTER = join(HERE, 'child/register.mjs');
const SERVER = join(HERE, 'child/locked-sql.ts');
const { groups } = JSON.parse(readFileSync(join(HERE, 'locked-sql.cases.json'), 'utf8')) as {
  groups: { subject: string; cases: Case[] }[];
};

const MEMORY_BYTES = 128 * 1024 * 1024;
/** 320 MiB of the process itself, and what the kernel counts as resident but not as its data: the programs. */
const RESIDENT_BYTES = MEMORY_BYTES + (320 + 128) * 1024 * 1024;
const LIMITS: Partial<QueryLimits> = { rows: 100_000, bytes: 16 * 1024 * 1024, columns: 500 };
/** For queries that may never end by themselves. Where another limit is expected, time is not short. */
const ENDLESS_SECONDS = 0.4;
/** What this process may grow by, whatever is asked: batches of rows, not results. */
const OWN_BYTES = 256 * 1024 * 1024;

let folder: string;
let project: LockedProject;
let locked: LockedSql;
let peakBytes = 0;
let sampler: NodeJS.Timeout;
beforeAll(async () => {
  folder = await temporaryFolder();
  project = await LockedProject.make(folder);
  if (!project.notesReads) console.warn('this file system does not note when a file is read: that is not checked');
  locked = new LockedSql({ program: PROGRAM, memoryBytes: MEMORY_BYTES });
  await locked.start();
  sampler = setInterval(() => void sampleMemory(), 20);
});
afterAll(async () => {
  clearInterval(sampler);
  await locked.close();
  await rm(folder, { recursive: true });
});

describe.each(groups)('a hostile analyst: $subject', ({ cases }) => {
  it.each(cases)('$name', async (attack) => {
    const ownBefore = process.memoryUsage().rss;
    const [outcome] = await Promise.all([run(attack), askNeighbour()]);
    expect(outcome).toEqual(expected(attack));
    // The query's own text may be quoted back.
    if (!JSON.stringify(attack).includes('{folder}')) expect(JSON.stringify(outcome)).not.toContain(folder);
    if (!('rows' in outcome && attack.sql?.includes(CANARY))) expect(JSON.stringify(outcome)).not.toMatch(/CANARY-?\d/);
    expect(project.touched()).toEqual([]);
    expect(peakBytes).toBeLessThan(RESIDENT_BYTES);
    expect(process.memoryUsage().rss).toBeLessThan(ownBefore + OWN_BYTES);
    // Who asks next is answered.
    expect(await ask(project.file, 'SELECT count(*)::INTEGER FROM patient')).toEqual([[100]]);
  });
});

/** So that the second wall holds if the first is ever wrong. */
describe('the same without the check of the text: DuckDB as it is locked', () => {
  const subjects = ['files', 'settings', 'SQL and names as text', 'several statements'];
  const cases = groups
    .filter(({ subject }) => subjects.some((start) => subject.startsWith(start)))
    .flatMap((group) => group.cases);

  it.each(cases)('$name', async (attack) => {
    const instance = await openLocked(project.file, MEMORY_BYTES, 1);
    const before = await settingsOf(instance);
    const connection = await instance.connect();
    const answer = await connection
      .runAndReadAll(sqlOf(attack))
      .then((result) => JSON.stringify(result.getRowsJson()))
      .catch(String);
    connection.closeSync();
    expect(project.touched()).toEqual([]);
    // What is in the file can be read; that is why it holds nothing but the project's tables.
    if (!/secret/.test(sqlOf(attack))) expect(answer).not.toMatch(/^\[.*CANARY/);
    // Profiling can be changed although the configuration is locked, for its own connection; each query has one of its own.
    expect(await settingsOf(instance)).toEqual(before);
    instance.closeSync();
  });
});

describe('the processes', () => {
  it('are limited by the kernel', async () => {
    for (const pid of await locked.pids()) {
      const limits = readFileSync(`/proc/${pid}/limits`, 'utf8');
      const softLimit = (name: string): number => Number(new RegExp(`^${name} +(\\d+)`, 'm').exec(limits)?.[1]);
      expect(softLimit('Max data size')).toBe(MEMORY_BYTES + 320 * 1024 * 1024);
      expect(softLimit('Max address space')).toBeGreaterThan(0);
      expect(softLimit('Max file size')).toBe(0);
      expect(softLimit('Max core file size')).toBe(0);
      expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).toBe('');
    }
  });

  it('end with a server that is killed, also those with a query', async () => {
    const server = spawn(
      process.execPath,
      ['--no-warnings', '--import', REGISTER, SERVER, project.file, PROGRAM.href],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const [line] = (await once(server.stdout, 'data')) as [Buffer];
    const [ready, ...pids] = String(line).trim().split(' ');
    expect([ready, pids.length]).toEqual([READY, 2]);
    server.kill('SIGKILL');
    await eventually('the end of its processes', () => !pids.some((pid) => existsSync(`/proc/${pid}/cwd`)));
  });

  it('are as many as were asked for, and none is left after the end', async () => {
    expect(
      processesOf('locked-sql.worker.js').filter(({ command }) => command.includes(String(MEMORY_BYTES))),
    ).toHaveLength(3);
    const pids = await locked.pids();
    await locked.close();
    const left = processesOf('locked-sql.worker.js').map(({ pid }) => pid);
    expect(left.filter((pid) => pids.includes(pid))).toEqual([]);
    await expect(ask(project.file, 'SELECT 1')).rejects.toThrow('the server is stopping');
  });
});

function expected({ expect: { refused, failed, limit, rows, ended }, ...attack }: Case): unknown {
  if (rows) return { rows: JSON.parse(JSON.stringify(rows).replaceAll('{folder}', folder)) as unknown };
  const says = (what: string | true): unknown => (what === true ? expect.any(String) : expect.stringContaining(what));
  if (refused) return { refused: says(refused) };
  if (failed) return { failed: says(failed) };
  if (limit) return { limit: expect.stringMatching(`^(${limit.join('|')})$`) };
  if (ended) return expect.anything();
  throw new Error(`the case says nothing: ${attack.name}`);
}

async function run(attack: Case): Promise<Outcome> {
  const pids = await locked.pids();
  try {
    const { parameters } = JSON.parse(
      JSON.stringify({ parameters: attack.parameters ?? {} }).replaceAll('{folder}', folder),
    ) as {
      parameters: SqlParameters;
    };
    const { rows } = await locked.run(project.file, sqlOf(attack), {
      tables: TABLES,
      parameters,
      limits:
        attack.expect.limit?.includes('seconds') || attack.expect.ended
          ? { ...LIMITS, seconds: ENDLESS_SECONDS }
          : LIMITS,
    });
    if (attack.reader === 'stalled')
      await eventually('the end of the process', async () => String(await locked.pids()) !== String(pids));
    const all: unknown[][] = [];
    for await (const batch of rows) if (all.length < 10) all.push(...batch);
    return { rows: all };
  } catch (error) {
    if (error instanceof SqlLimitError) return { limit: error.limit };
    const said = error instanceof SqlRefusedError ? error.issues.map(({ diagnostics }) => diagnostics).join('\n') : '';
    if (error instanceof SqlRefusedError) return { refused: said };
    if (error instanceof SqlFailedError) return { failed: error.message };
    throw error;
  }
}

function sqlOf({ sql, repeat }: Case): string {
  if (sql !== undefined) return sql.replaceAll('{folder}', folder);
  const { before, text, times, middle = '', close = '', after = '' } = repeat!;
  const texts = Array.from({ length: times }, (_, i) =>
    text.replaceAll('{i}', String(i)).replaceAll('{i1}', String(i + 1)),
  );
  return before + texts.join('') + middle + close.repeat(times) + after;
}

/** As a new connection sees them. */
async function settingsOf(instance: DuckDBInstance): Promise<unknown[][]> {
  const connection = await instance.connect();
  const result = await connection.runAndReadAll('SELECT name, value FROM duckdb_settings() ORDER BY name');
  connection.closeSync();
  return result.getRowsJson();
}

async function ask(file: string, sql: string): Promise<unknown[][]> {
  const { rows } = await locked.run(file, sql, { tables: TABLES });
  const all: unknown[][] = [];
  for await (const batch of rows) all.push(...batch);
  return all;
}

async function askNeighbour(): Promise<void> {
  expect(await ask(project.other, 'SELECT count(*)::INTEGER, sum(id)::INTEGER FROM visit')).toEqual([[7, 21]]);
}

async function sampleMemory(): Promise<void> {
  for (const pid of await locked.pids().catch(() => [])) {
    const status = statusOf(pid);
    peakBytes = Math.max(peakBytes, Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024);
  }
}

/** Empty for a process that has ended. */
function statusOf(pid: number | undefined): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}
