import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startingMeasures } from '@chartledger/population';
import { eventually, http, startTestServer, type FhirHttp, type TestServer } from '@chartledger/testing';
import { ANN, BOB, Town } from './persons.fixture.js';

interface Graph {
  nodes: { id: string; kind: string; position: string }[];
  edges: { from: string; to: string; kind: string }[];
  truncated: boolean;
}

interface Page {
  report: string;
  subjects: { person: string | null; patients: string[]; records: { id: string }[] }[];
  next: string | null;
}

const PERIOD = 'periodStart=2024-01-01&periodEnd=2024-12-31';

let server: TestServer;
let town: Town;
beforeAll(async () => {
  server = await startTestServer();
  town = await Town.on(server);
  for (const resource of startingMeasures())
    expect((await town.system.put(`${resource.resourceType}/${resource.id}`, resource as { id: string })).status).toBe(
      201,
    );
  // Ann is one person with a record at each of two hospitals, and a stay at each.
  await town.put(town.mary, 'Patient/ann', ANN);
  await town.put(town.elizabeth, 'Patient/a1', ANN);
  await town.put(town.mary, 'Patient/bob', BOB);
  await stay(town.mary, 's1', 'ann');
  await stay(town.elizabeth, 's2', 'a1');
  await stay(town.mary, 's3', 'bob');
  await eventually('the person', async () => {
    const person = await http(`${server.url}/fhir/st-mary/Patient/ann/$person`);
    return person.status === 200 && /Patient\/a1/.test(person.text);
  });
});
afterAll(() => server.remove());

function stay(source: FhirHttp, id: string, patient: string): Promise<string> {
  return town.put(source, `Encounter/${id}`, {
    resourceType: 'Encounter',
    status: 'finished',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP' },
    subject: { reference: `Patient/${patient}` },
    period: { start: '2024-03-01T08:00:00Z', end: '2024-03-04T08:00:00Z' },
  });
}

async function report(reportType: string): Promise<string> {
  const answer = await town.system.get(`Measure/length-of-stay/$evaluate-measure?${PERIOD}&reportType=${reportType}`);
  expect([answer.status, answer.status === 200 ? '' : answer.text]).toEqual([200, '']);
  return answer.json<{ id: string }>().id;
}

async function graph(node: string, more: string): Promise<Graph> {
  const answer = await http(`${server.url}/lineage/graph?node=${node}&${more}`);
  expect([answer.status, answer.status === 200 ? '' : answer.text]).toEqual([200, '']);
  return answer.json<Graph>();
}

async function page(id: string, query = ''): Promise<Page> {
  return (await http(`${server.url}/lineage/reports/${id}/subjects?${query}`)).json<Page>();
}

const STAYS = [
  'record:lab',
  'record:st-elizabeth/Encounter/s2/1',
  'record:st-mary/Encounter/s1/1',
  'record:st-mary/Encounter/s3/1',
].slice(1);

describe.each(['population', 'subject-list'])('a report of the type %s', (type) => {
  it('opens up to the persons that it counts and the versions that its logic read', async () => {
    const id = await report(type);
    const { nodes, edges, truncated } = await graph(`report:${id}`, 'direction=up&depth=1');
    expect(truncated).toBe(false);
    const read = edges.filter(({ kind, to }) => kind === 'evaluated' && to === `report:${id}`).map(({ from }) => from);
    expect(read.filter((from) => from.includes('/Encounter/')).sort()).toEqual(STAYS);
    expect(read.length).toBe(new Set(read).size);
    const counted = edges.filter(({ kind }) => kind === 'counted').map(({ from }) => from);
    expect(counted.length).toBeGreaterThan(0);
    for (const from of [...read, ...counted]) expect(nodes.map((node) => node.id)).toContain(from);
    const deeper = await graph(`report:${id}`, 'direction=up&depth=2');
    // On to who sent what was read.
    expect(deeper.edges.some(({ kind, to }) => kind === 'contained' && to === STAYS[0])).toBe(true);
  });

  it('is found forward from a version that it read', async () => {
    const id = await report(type);
    const { edges } = await graph(STAYS[1], 'direction=down&depth=1');
    expect(edges).toContainEqual(expect.objectContaining({ from: STAYS[1], to: `report:${id}`, kind: 'evaluated' }));
    const before = await graph(STAYS[1], `direction=down&depth=1&asOf=0:0${await sources()}`);
    expect(before.edges.filter(({ kind }) => kind === 'evaluated')).toEqual([]);
  });

  it('names its subjects page by page', async () => {
    const id = await report(type);
    const all = await page(id);
    expect(all.next).toBeNull();
    expect(all.report).toBe(`report:${id}`);
    expect(all.subjects).toHaveLength(2);
    const ann = all.subjects.find(({ patients }) => patients.includes('st-mary/Patient/ann'))!;
    expect(ann.patients.sort()).toEqual(['st-elizabeth/Patient/a1', 'st-mary/Patient/ann']);
    expect(ann.person).toMatch(/^person:[^/]+\/\d+$/);
    expect(ann.records.map((one) => one.id)).toEqual(expect.arrayContaining([STAYS[0], STAYS[1]]));
    const first = await page(id, 'count=1');
    const second = await page(id, `count=1&after=${first.next}`);
    expect([...first.subjects, ...second.subjects]).toEqual((await page(id)).subjects);
    expect(second.next).toBeNull();
  });
});

async function sources(): Promise<string> {
  const chains = (await http(`${server.url}/ledger/chains`)).json<{ chain: number; size: number }[]>();
  return chains
    .filter(({ chain }) => chain > 0)
    .map(({ chain, size }) => `,${chain}:${size - 1}`)
    .join('');
}

describe('what is asked of reports', () => {
  it('is refused where there is none, or the page cannot be', async () => {
    expect((await http(`${server.url}/lineage/reports/none/subjects`)).status).toBe(404);
    const id = await report('population');
    expect((await http(`${server.url}/lineage/reports/${id}/subjects?count=0`)).status).toBe(400);
    expect((await http(`${server.url}/lineage/reports/${id}/subjects?after=x`)).status).toBe(400);
    expect((await http(`${server.url}/lineage/reports/${id}/subjects?x=1`)).status).toBe(400);
  });

  it('is said in the formats of others', async () => {
    const id = await report('population');
    const answer = await http(`${server.url}/lineage/graph?node=report:${id}&direction=up&depth=1&format=prov-json`);
    expect(answer.text).toContain('wasDerivedFrom');
  });
});
