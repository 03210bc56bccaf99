import { execFile } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { temporaryFolder } from '@chartledger/testing';
import { anyTable, csvOf } from './people.fixture.js';

/** The built program: worker threads load it, and not the sources. */
const DIST = resolve(fileURLToPath(import.meta.url), '../../../../../dist/libs/matching/src');
const SEED = Number(process.env['CHARTLEDGER_TEST_SEED'] ?? Date.now() % 1_000_000);
/** Enough for several tasks of each kind, and for blocks that are split. */
const PEOPLE = 4_000;

const PROGRAM = `
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
const [file, dist, ...counts] = process.argv.slice(2);
const { matchPeople } = await import(dist + '/batch/match-people.js');
const { addPeople, emptyPeople } = await import(dist + '/batch/people-table.js');
const { RecordTable } = await import(dist + '/engine/record-table.js');
const { Values } = await import(dist + '/engine/values.js');
for (const threads of counts.map(Number)) {
  const people = emptyPeople();
  const table = new RecordTable(new Values());
  addPeople(readFileSync(file, 'utf8'), people, table);
  const { model, cut, pairs, cluster, candidates, unsplit } = await matchPeople(table, people.ids, undefined, { threads });
  const hash = createHash('sha256').update(JSON.stringify([model, cut, candidates, unsplit]));
  for (const ints of [pairs.a, pairs.b, pairs.score, cluster]) hash.update(new Uint8Array(ints.buffer, ints.byteOffset, ints.byteLength));
  console.log(JSON.stringify({ pairs: pairs.score.length, hash: hash.digest('hex') }));
}`;

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => rmSync(folder, { recursive: true }));

it(`worker threads and the caller's own give the same bits (seed ${SEED})`, async () => {
  const people = fc
    .sample(anyTable, { seed: SEED, numRuns: PEOPLE / 4 })
    .flat()
    .slice(0, PEOPLE);
  const file = join(folder, 'people.csv');
  writeFileSync(file, csvOf(people));
  const counts = ['0', '1', '2', '3'];
  const program = join(folder, 'compare.mjs');
  writeFileSync(program, PROGRAM);
  const { stdout } = await promisify(execFile)(process.execPath, [program, file, pathToFileURL(DIST).href, ...counts]);
  const results = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { pairs: number; hash: string });
  expect(results).toHaveLength(counts.length);
  expect(results[0].pairs).toBeGreaterThan(0);
  expect(new Set(results.map(({ hash }) => hash)).size).toBe(1);
});
