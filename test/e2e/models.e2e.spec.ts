import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  http,
  registerSource,
  startTestServer,
  temporaryFolder,
  type HttpAnswer,
  type TestServer,
} from '@chartledger/testing';
import { cli, type CliRun } from '../faults/cli.js';
import { ANN, Town } from './persons.fixture.js';

const PEOPLE = 120;
const SSN = { identifier: [{ system: 'http://hl7.org/fhir/sid/us-ssn', value: '511-44-8127' }] };
const SOURCES = ['st-mary', 'lakeside', 'town-lab'];

interface Comparison {
  model: string;
  inForce?: string;
  groups: number;
  records: number;
  pairs: { before: number; linked: number; unlinked: number };
  persons: { before: number; after: number };
  reviews: { before: number; asked: number; linked: number; withdrawn: number };
  examples: { linked: { pair: [string, string]; score: number }[] };
}

let server: TestServer;
let dir: string;
/** Trained on the town that the server holds. */
let file: string;
let version: string;
/** Of the model in the end; the same people asked about otherwise. */
const others = { strict: '', asking: '' };

beforeAll(async () => {
  dir = await temporaryFolder();
  server = await startTestServer();
  const town = join(dir, 'town');
  await done('generate', '--patients', String(PEOPLE), '--seed', '4', '--small', '--out', town);
  for (const source of SOURCES) await done('import', join(town, source), '--source', source, '--url', server.url);
  await matched();
  file = join(dir, 'model.json');
});
afterAll(() => server.remove());

const run = (...args: string[]): Promise<CliRun> => cli(server.dataDir, ...args);
/** What a command says that ends well. */
async function done(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(...args);
  expect([args.slice(0, 2), code, stderr]).toEqual([args.slice(0, 2), 0, expect.any(String)]);
  return stdout;
}
const json = async <T>(...args: string[]): Promise<T> => JSON.parse(await done(...args, '--json')) as T;
const match = <T>(verb: string, ...args: string[]): Promise<T> => json<T>('match', verb, ...args);
const adopt = (model: string, ...args: string[]): Promise<{ position: string; version: string }> =>
  match('adopt', model, '--reason', 'a better model', '--url', server.url, ...args);
const compare = (model: string): Promise<Comparison> => match('compare', model);

/** Every Patient of the sources is somebody's. */
async function matched(): Promise<void> {
  for (const source of SOURCES) {
    const { entry } = (await http(`${server.url}/fhir/${source}/Patient?_count=1000`)).json<{
      entry: { resource: { id: string } }[];
    }>();
    const { id } = entry.at(-1)!.resource;
    expect((await http(`${server.url}/fhir/${source}/Patient/${id}/$person`)).status).toBe(200);
  }
}

/** The same model with other thresholds, named by what it says. */
async function withThresholds(link: number, review: number, target: string): Promise<string> {
  const model = JSON.parse(await readFile(file, 'utf8')) as { version: string; thresholds: object };
  const changed = { ...model, thresholds: { certain: Math.max(link, 17_000), link, review } };
  const path = join(dir, target);
  await writeFile(path, JSON.stringify(changed));
  const { stdout } = await run('match', 'compare', path, '--json');
  const { fault } = JSON.parse(stdout) as { fault: string };
  const { 1: hash } = /must be ([0-9a-f]{16})/.exec(fault)!;
  await writeFile(path, JSON.stringify({ ...changed, version: hash }, null, 2));
  return path;
}

describe('match train', () => {
  it('learns from the Patients that a running server holds, and changes nothing', async () => {
    const head = async (): Promise<unknown> => {
      const [{ size, root }] = (await http(`${server.url}/ledger/chains`)).json<
        { size: number; root: string }[] & Record<string, unknown>
      >();
      return { size, root };
    };
    const before = await head();
    const trained = await match<{ version: string; training: { records: number; matches: number } }>(
      'train',
      '--out',
      file,
    );
    const model = JSON.parse(await readFile(file, 'utf8')) as { version: string; training: object };
    expect(model).toMatchObject({ version: trained.version, training: trained.training });
    expect(trained.training.records).toBeGreaterThan(PEOPLE);
    expect(trained.training.matches).toBeGreaterThan(PEOPLE / 4);
    expect(await head()).toEqual(before);
    version = trained.version;
    const again = await match<{ version: string }>('train', '--out', join(dir, 'again.json'));
    expect(again.version).toBe(version);
  });

  it('says what it learned, and learns from tables too', async () => {
    const csv = join(dir, 'people.csv');
    const rows = Array.from({ length: 60 }, (_, at) => {
      const [given, family] = [
        `Given${String.fromCharCode(97 + (at % 23))}`,
        `Family${String.fromCharCode(97 + (at % 19))}`,
      ];
      return `${at},${given},${family},19${50 + (at % 40)}-0${1 + (at % 9)}-11`;
    });
    await writeFile(csv, ['id,given_name,surname,date_of_birth', ...rows, ...rows].join('\n'));
    const said = await done('match', 'train', '--data', csv, '--out', join(dir, 'table.json'));
    expect(said).toMatch(/trained on 120 records/);
    expect(said).toMatch(/^birthDate\n {2}exact +0\.\d{4} +\S+ +\+\d+\.\d$/m);
    expect(said).toContain('few pairs of one person were found');
  });

  it('cannot run without two Patients or without a file', async () => {
    expect((await run('match', 'train', '--data', join(dir, 'none.csv'), '--out', file)).code).toBe(2);
  });
});

describe('match compare', () => {
  it('shows what a model would change by record reference, without what the records say', async () => {
    others.strict = await withThresholds(30_000, 25_000, 'strict.json');
    others.asking = await withThresholds(2_000, -9_000, 'asking.json');
    const said = await compare(others.strict);
    expect(said).toMatchObject({ groups: expect.any(Number), records: expect.any(Number) });
    expect(said.pairs.unlinked).toBeGreaterThan(0);
    expect(said.persons.after).toBeGreaterThan(said.persons.before);
    const text = await done('match', 'compare', others.strict);
    expect(text).toMatch(/no longer linked: [a-z-]+\/Patient\/\S+ and [a-z-]+\/Patient\/\S+, \S+ bits/);
    const { entry } = (await http(`${server.url}/fhir/st-mary/Patient?_count=1000`)).json<{
      entry: { resource: { name: { family?: string }[] } }[];
    }>();
    const words = new Set(text.toLowerCase().split(/[^\p{L}]+/u));
    for (const { resource } of entry)
      for (const { family } of resource.name)
        if (family && family.length > 4) expect(words).not.toContain(family.toLowerCase());
  });

  it.each([
    ['no JSON', '{"version"', 'the file must be JSON'],
    ['no model', '[]', 'a model must be an object'],
    ['half a model', '{"version":"x"}', 'preparation is missing'],
  ])('finds %s wrong, and says where', async (_what, text, fault) => {
    const broken = join(dir, 'broken.json');
    await writeFile(broken, text);
    const { code, stdout } = await run('match', 'compare', broken);
    expect([code, stdout]).toEqual([1, expect.stringContaining(fault)]);
  });
});

describe('match adopt', () => {
  const post = (body: string): Promise<HttpAnswer> =>
    http(`${server.url}/persons/model`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });

  it('does what compare has said, and says who adopted it and why', async () => {
    const said = await compare(others.asking);
    const adopted = await adopt(others.asking);
    const status = await match<object>('status', '--url', server.url);
    expect(status).toEqual({
      model: {
        version: said.model,
        position: adopted.position,
        time: expect.any(String),
        actor: 'anonymous',
        reason: 'a better model',
      },
      matched: expect.stringMatching(/^0:\d+,1:\d+$/),
    });
    const now = await compare(others.asking);
    expect(now).toMatchObject({
      groups: 0,
      inForce: adopted.position,
      pairs: { before: said.pairs.before + said.pairs.linked - said.pairs.unlinked, linked: 0, unlinked: 0 },
      persons: { before: said.persons.after, after: said.persons.after },
    });
    expect(now.reviews.before).toBe(
      said.reviews.before + said.reviews.asked - said.reviews.linked - said.reviews.withdrawn,
    );
  });

  it('leaves what a steward has decided, and decisions under each model come out the same again', async () => {
    await registerSource(server.url, { name: 'st-elizabeth' });
    const town = Town.again(server);
    await town.put(town.mary, 'Patient/ann', { ...ANN, ...SSN });
    await town.put(town.elizabeth, 'Patient/ann', { ...ANN, ...SSN });
    const { id } = await town.personOf(town.elizabeth, 'ann');
    expect((await town.personOf(town.mary, 'ann')).id).toBe(id);
    const decision = { kind: 'unlink', record: 'st-elizabeth/Patient/ann', reason: 'two people' };
    expect((await town.decide(id, decision)).status).toBe(201);
    await adopt(file);
    expect((await town.personOf(town.mary, 'ann')).id).not.toBe((await town.personOf(town.elizabeth, 'ann')).id);

    const { decisions } = (await http(`${server.url}/persons/${id}/decisions`)).json<{
      decisions: { position: string; by: string }[];
    }>();
    expect(decisions.map(({ by }) => by)).toContain('model');
    for (const { position, by } of decisions.slice(0, 3)) {
      expect(await match('replay', position)).toMatchObject({ by, isSame: true });
    }
  });

  it('goes on after a kill -9', async () => {
    await adopt(others.strict, '--no-wait');
    await server.kill();
    await server.restart();
    await done('match', 'status', '--wait', '--url', server.url);
    expect(await compare(others.strict)).toMatchObject({ groups: 0 });
  });

  it('takes a model of before, of which the ledger has every byte, and the one that ships', async () => {
    const { position } = await adopt(file);
    const kept = join(dir, 'kept.json');
    await adopt(others.asking, '--no-wait');
    expect(await match('model', '--at', position, '--out', kept)).toMatchObject({ version });
    expect(JSON.parse(await readFile(kept, 'utf8'))).toEqual(JSON.parse(await readFile(file, 'utf8')));
    expect(await adopt(kept)).toMatchObject({ version });
    const shipped = join(dir, 'shipped.json');
    await done('match', 'model', '--shipped', '--out', shipped);
    expect(await adopt(shipped)).toMatchObject({ version: expect.stringMatching(/^default-/) });
    expect(await compare(shipped)).toMatchObject({ groups: 0 });
  });

  it('refuses what is no model with the place of the fault, and keeps the one in force', async () => {
    const before = (await http(`${server.url}/persons/model`)).text;
    const model = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
    for (const [body, fault] of [
      ['no JSON', 'the body must be a JSON object'],
      ['{"reason":"none"}', 'model must be'],
      [JSON.stringify({ model }), 'reason must say why'],
      [JSON.stringify({ model, reason: 'x', force: true }), 'and not force'],
      [JSON.stringify({ model: { ...model, rules: [0, 999] }, reason: 'x' }), 'model: rules[1] must be the number'],
      [
        JSON.stringify({ model: { ...model, families: false, version: 'mine' }, reason: 'x' }),
        'model: version must be',
      ],
    ]) {
      const answer = await post(body);
      expect([answer.status, answer.json()]).toEqual([
        400,
        expect.objectContaining({ detail: expect.stringContaining(fault) }),
      ]);
    }
    expect((await http(`${server.url}/persons/model`)).text).toBe(before);
    const closed = await run('match', 'adopt', file, '--reason', 'x', '--url', 'http://127.0.0.1:9');
    expect(closed.code).toBe(2);
  });
});
