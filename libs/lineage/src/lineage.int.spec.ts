import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ANONYMOUS, type Query } from '@chartledger/platform';
import { type ProjectedEntry, type ViewSet } from '@chartledger/projection';
import { type RecordReader, type SourceDirectory } from '@chartledger/records';
import { openStages, startTestDatabase, type TestDatabase, type TestStages } from '@chartledger/testing';
import { NO_REPORTS } from './memory-lookups.fixture.js';
import { type GraphAnswer, graphAnswer } from './graph.js';
import { evolveLineage } from './lineage.evolve.js';
import { parseGraphQuestion } from './lineage.requests.js';
import { LineageService } from './lineage.service.js';
import { observationOf, provenanceOf } from './story.fixture.js';

const PATIENT = { source: 'clinic', type: 'Patient', id: 'p1' };
/** What the source sends, with a number that parsing and printing would change. */
const SENT = '{ "resourceType":"Patient", "id":"p1", "multipleBirthInteger": 2,  "gender":"female" }';
const submissions: string[] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];

let database: TestDatabase;
let stages: TestStages;
let views: ViewSet;
let lineage: LineageService;
const live: ProjectedEntry[] = [];

beforeAll(async () => {
  database = await startTestDatabase();
  stages = await openStages(await database.another(), database.dataDir);
  captureLive(stages.views);
  await sendStory();
  views = stages.views;
  lineage = serviceOver(stages.reader);
});
afterAll(async () => {
  await stages.stop();
  await database.stop();
});

/** One checkpoint was signed, over the first two submissions. */
function serviceOver(reader: RecordReader): LineageService {
  const { pool, opener, source } = stages;
  const sources = { get: async () => source } as unknown as SourceDirectory;
  const covering = async (_chain: number, seq: number): Promise<{ size: number; time: string } | undefined> =>
    seq < 4 ? { size: 4, time: '2024-03-01T08:00:00.000Z' } : undefined;
  return new LineageService(pool, views, reader, sources, opener, stages.tokens, { covering }, NO_REPORTS);
}

/** Seqs 0 to 2: a transaction whose Provenance comes first and refers forward; 3: a second version; 4: an observation of
 * it; 5: the same content again; 6: the deletion. */
async function sendStory(): Promise<void> {
  const entry = (url: string, body: string, fullUrl: string): string =>
    `{"fullUrl":"${fullUrl}","resource":${body},"request":{"method":"${/\//.test(url) ? 'PUT' : 'POST'}","url":"${url}"}}`;
  const urns = [1, 2].map((digit) => `urn:uuid:00000000-0000-4000-8000-00000000000${digit}`);
  const provenance = JSON.stringify({ resourceType: 'Provenance', ...provenanceOf(urns, 'Practitioner/dr') });
  const observation = JSON.stringify({ resourceType: 'Observation', ...observationOf(urns[0]) });
  const entries = [
    entry('Provenance', provenance, 'urn:uuid:00000000-0000-4000-8000-000000000003'),
    entry('Observation', observation, urns[1]),
    entry('Patient/p1', SENT, urns[0]),
  ];
  const bundle = `{"resourceType":"Bundle","type":"transaction","entry":[${entries.join(',')}]}`;
  await stages.sendBundle(bundle, { idempotencyKey: submissions[0] });
  const second = SENT.replace('female', 'other');
  await stages.send({ id: 'p1', idempotencyKey: submissions[1] }, second);
  const weight = JSON.stringify({ resourceType: 'Observation', id: 'o2', ...observationOf('Patient/p1') });
  await stages.send({ type: 'Observation', id: 'o2', idempotencyKey: submissions[2] }, weight);
  await stages.send({ id: 'p1', idempotencyKey: submissions[3] }, second);
  await stages.send({ method: 'DELETE', id: 'p1' });
}

/** Keeps what the sequencer hands to the views. */
function captureLive(target: ViewSet): void {
  const publish = target.publish.bind(target);
  target.publish = (chain, entries) => {
    live.push(...entries);
    publish(chain, entries);
  };
}

async function graph(query: Query): Promise<GraphAnswer> {
  return graphAnswer(await lineage.graph(ANONYMOUS, parseGraphQuestion(query)));
}

/** Edges without the parts of ids that are made up on each run. */
function edgesOf({ edges }: GraphAnswer): string[] {
  const short = (id: string): string =>
    id
      .replace('record:clinic/', '')
      .replace(/^submission:(.*)/, (_, submission: string) => `submission ${submissions.indexOf(submission)}`)
      .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, 'ID');
  return edges.map(({ from, to, kind, position }) => `${short(from)} ${kind} ${short(to)} at ${position}`);
}

describe('the view', () => {
  it('is the same from a replay as it was live', async () => {
    const stored = [];
    for await (const batch of stages.ledger.read(1, 0)) stored.push(...batch);
    expect(live).toHaveLength(7);
    expect(evolveLineage(stages.tokens, live)).toEqual(
      evolveLineage(stages.tokens, await stages.opener.project(stored)),
    );
  });
});

describe('the lineage of a record', () => {
  it('has every entry, also after a deletion', async () => {
    const { versions, asOf } = await lineage.record(ANONYMOUS, PATIENT);
    expect(asOf).toEqual({ '1': 6 });
    expect(versions.map(({ version, kind, position }) => `${version} ${kind} ${position}`)).toEqual([
      '1 fhir.create 1:2',
      '2 fhir.update 1:3',
      '2 fhir.confirm 1:5',
      '3 fhir.delete 1:6',
    ]);
    expect(versions.map(({ received }) => received?.bytes)).toEqual([
      SENT.length,
      SENT.length - 1,
      undefined,
      undefined,
    ]);
    expect(versions.map(({ checkpoint }) => checkpoint?.size)).toEqual([4, 4, undefined, undefined]);
    expect(versions.map(({ provenance }) => provenance.map(({ position }) => position))).toEqual([['1:0'], [], [], []]);
    expect(versions[0].provenance[0].agents).toEqual([{ type: 'author', who: 'Practitioner/dr' }]);
  });

  it('stops where asOf says', async () => {
    const { versions, asOf } = await lineage.record(ANONYMOUS, PATIENT, '1:3');
    expect(asOf).toEqual({ '1': 3 });
    expect(versions).toHaveLength(2);
    await expect(lineage.record(ANONYMOUS, PATIENT, '1:1')).rejects.toMatchObject({ status: 404 });
    await expect(lineage.record(ANONYMOUS, PATIENT, '1:7')).rejects.toMatchObject({ status: 400 });
    await expect(lineage.record(ANONYMOUS, PATIENT, '2000-01-01T00:00:00Z')).rejects.toMatchObject({ status: 404 });
  });

  it('is 404 for a record that never was, and for what is no record', async () => {
    for (const wrong of [{ id: 'p2' }, { type: 'Observation' }, { type: 'Pizza' }, { id: 'a\0' }]) {
      await expect(lineage.record(ANONYMOUS, { ...PATIENT, ...wrong })).rejects.toMatchObject({ status: 404 });
    }
  });
});

describe('the bytes as they were sent', () => {
  it('come back to the last space', async () => {
    const { bytes, position } = await lineage.received(ANONYMOUS, PATIENT, 1);
    expect({ text: bytes.toString(), position }).toEqual({ text: SENT, position: '1:6' });
  });

  it('are gone for a deletion, unknown for a version that never was, and unreadable without the key', async () => {
    await expect(lineage.received(ANONYMOUS, PATIENT, 3)).rejects.toMatchObject({ status: 410 });
    await expect(lineage.received(ANONYMOUS, PATIENT, 4)).rejects.toMatchObject({ status: 404 });
    const withoutKey = { value: { opened: { content: undefined } }, position: 6 };
    const shredded = serviceOver({ readVersion: async () => withoutKey } as unknown as RecordReader);
    await expect(shredded.received(ANONYMOUS, PATIENT, 1)).rejects.toMatchObject({ status: 410 });
  });
});

describe('the graph', () => {
  it('leads up from a version', async () => {
    expect(edgesOf(await graph({ node: 'record:clinic/Patient/p1/2', direction: 'up' }))).toEqual([
      'submission 1 contained Patient/p1/2 at 1:3',
      'submission 3 confirmed Patient/p1/2 at 1:5',
      'Patient/p1/1 revised Patient/p1/2 at 1:3',
      'client:anonymous sent submission 1 at 1:3',
      'client:anonymous sent submission 3 at 1:5',
      'submission 0 contained Patient/p1/1 at 1:2',
      'Provenance/ID/1 provenance Patient/p1/1 at 1:0',
    ]);
  });

  it('leads down from a version to those that name it', async () => {
    expect(edgesOf(await graph({ node: 'record:clinic/Patient/p1/1', direction: 'down', depth: '1' }))).toEqual([
      'Patient/p1/1 revised Patient/p1/2 at 1:3',
      'Patient/p1/1 referenced Observation/ID/1 at 1:1',
    ]);
    expect(edgesOf(await graph({ node: 'record:clinic/Patient/p1/2', direction: 'down', depth: '1' }))).toEqual([
      'Patient/p1/2 revised Patient/p1/3 at 1:6',
      'Patient/p1/2 referenced Observation/o2/1 at 1:4',
    ]);
  });

  it('leads down from a client and a submission', async () => {
    const fromClient = edgesOf(await graph({ node: 'client:anonymous', direction: 'down', asOf: '1:5' }));
    expect(fromClient).toEqual([
      'client:anonymous sent submission 0 at 1:0',
      'client:anonymous sent submission 1 at 1:3',
      'client:anonymous sent submission 2 at 1:4',
      'client:anonymous sent submission 3 at 1:5',
      'submission 0 contained Provenance/ID/1 at 1:0',
      'submission 0 contained Observation/ID/1 at 1:1',
      'submission 0 contained Patient/p1/1 at 1:2',
      'submission 1 contained Patient/p1/2 at 1:3',
      'submission 2 contained Observation/o2/1 at 1:4',
      'submission 3 confirmed Patient/p1/2 at 1:5',
    ]);
    const fromSubmission = await graph({ node: `submission:${submissions[0]}`, direction: 'down', depth: '1' });
    expect(edgesOf(fromSubmission)).toEqual(fromClient.slice(4, 7));
  });

  it('takes a record without a version as the one current then, a deletion too', async () => {
    const start = async (asOf?: string): Promise<string> =>
      (await graph({ node: 'record:clinic/Patient/p1', depth: '0', ...(asOf ? { asOf } : {}) })).nodes[0].label;
    expect(await start('1:2')).toBe('Patient/p1 version 1 of clinic');
    expect(await start('1:5')).toBe('Patient/p1 version 2 of clinic');
    expect(await start()).toBe('Patient/p1 version 3 (deleted) of clinic');
  });

  it('is 404 for what is not there, or not yet', async () => {
    const nodes = ['record:clinic/Patient/p1/9', 'record:clinic/Patient/p9', `submission:${randomUUID()}`, 'client:x'];
    for (const node of nodes) await expect(graph({ node })).rejects.toMatchObject({ status: 404 });
    const later = graph({ node: `submission:${submissions[1]}`, asOf: '1:2' });
    await expect(later).rejects.toMatchObject({ status: 404 });
  });
});
