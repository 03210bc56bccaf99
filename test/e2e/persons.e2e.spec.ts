import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestServer, type TestServer } from '@chartledger/testing';
import { ANN, BOB, linksOf, Town, urls, type Bundle, type Person } from './persons.fixture.js';

const MRN = (source: string, value: string): object => ({ identifier: [{ system: `urn:mrn:${source}`, value }] });
/** As a source may send it: every byte of it comes back. */
const WEIGHT = `{ "resourceType":"Observation", "id":"w1", "status":"final", "code":{"text":"weight"},
  "subject":{"reference":"Patient/p1"}, "performer":[{"reference":"Practitioner/d1"}], "valueQuantity":{"value":70.50} }`;

let server: TestServer;
let town: Town;
/** Ann's person, and a position of the system's chain and the sources' before she was in the second hospital. */
let ann: string;
let early: string;

beforeAll(async () => {
  server = await startTestServer();
  town = await Town.on(server);
  await town.put(town.mary, 'Practitioner/d1', { resourceType: 'Practitioner' });
  await town.put(town.mary, 'Patient/p1', { ...ANN, ...MRN('mary', '4711') });
  await town.put(town.mary, 'Observation/w1', WEIGHT);
  const first = await town.mary.get('Patient/p1/$person');
  early = first.headers.get('chartledger-position')!;
  ann = first.json<{ id: string }>().id;
  await town.put(town.elizabeth, 'Patient/e7', {
    ...ANN,
    ...MRN('elizabeth', '88'),
    name: [{ family: 'Kowalczyk', given: ['Anabelle'] }],
  });
  await town.put(town.lab, 'Patient/l3', { ...ANN, ...MRN('lab', 'x3') });
  const report = { status: 'final', code: { text: 'lipids' }, subject: { reference: 'Patient/l3' } };
  await town.put(town.lab, 'DiagnosticReport/r1', { resourceType: 'DiagnosticReport', ...report });
  await town.put(town.mary, 'Patient/p2', { ...BOB, ...MRN('mary', '4712') });
  await town.personOf(town.lab, 'l3');
});
afterAll(() => server.remove());

describe('the person of a patient', () => {
  it('is one for the records of one person, whichever source they are of', async () => {
    for (const [source, id] of [
      [town.mary, 'p1'],
      [town.elizabeth, 'e7'],
      [town.lab, 'l3'],
    ] as const) {
      const person = await town.personOf(source, id);
      expect(person.id).toBe(ann);
      expect(linksOf(person)).toEqual(['lab/Patient/l3', 'st-elizabeth/Patient/e7', 'st-mary/Patient/p1']);
      for (const { target } of person.link!) expect(target.reference).toMatch(new RegExp(`^${server.url}/fhir/`));
    }
    expect((await town.personOf(town.mary, 'p2')).id).not.toBe(ann);
  });

  it('is there when the write was acknowledged, with the position it stands on', async () => {
    const position = await town.put(town.lab, 'Patient/l4', { ...BOB });
    const answer = await town.lab.get('Patient/l4/$person');
    expect(answer.status).toBe(200);
    const seq = Number(position.split(':')[1]);
    expect(answer.headers.get('chartledger-position')).toMatch(new RegExp(`^0:\\d+,1:${seq}$`));
    expect(answer.headers.get('etag')).toMatch(/^W\/"\d+"$/);
  });

  it('is as it was then', async () => {
    expect(linksOf(await town.personOf(town.mary, 'p1', `?_asOf=${early}`))).toEqual(['st-mary/Patient/p1']);
    expect((await town.elizabeth.get(`Patient/e7/$person?_asOf=${early}`)).status).toBe(404);
    const oneChain = await town.mary.get(`Patient/p1/$person?_asOf=${early.split(',')[0]}`);
    expect([oneChain.status, oneChain.text]).toEqual([400, expect.stringContaining('chain 1')]);
  });

  it.each([
    ['st-mary', 'Patient/nobody/$person', 404],
    ['nowhere', 'Patient/p1/$person', 404],
    ['st-mary', 'Patient/p1/$person?_since=2020', 400],
    ['st-mary', 'Observation/w1/$person', 404],
  ])('of %s/%s is refused with %i', async (source, path, status) => {
    const answer = await town.get(`/fhir/${source}/${path}`);
    expect([answer.status, answer.json()]).toEqual([
      status,
      expect.objectContaining({ resourceType: 'OperationOutcome' }),
    ]);
  });
});

describe('Person', () => {
  const search = async (query: string): Promise<string[]> => {
    const answer = await town.system.get(`Person?${query}`);
    expect([answer.status, answer.text]).toEqual([200, expect.stringContaining('searchset')]);
    return urls(answer.json<Bundle & Record<string, unknown>>()).map((url) => url.replace('chartledger/Person/', ''));
  };

  it('is found by its records, by their identifiers and by its id', async () => {
    for (const query of [
      `_id=${ann}`,
      'patient=st-mary/Patient/p1',
      `patient=${encodeURIComponent(`${server.url}/fhir/lab/Patient/l3`)}`,
      'link=st-elizabeth/Patient/e7,lab/Patient/l3',
      'identifier=urn:mrn:elizabeth%7C88',
      'identifier=x3',
      'identifier=4711&patient=lab/Patient/l3',
    ]) {
      expect([query, await search(query)]).toEqual([query, [ann]]);
    }
    for (const query of [
      'identifier=urn:other%7C88',
      'patient=lab/Patient/nobody',
      'identifier=4712&patient=lab/Patient/l3',
      'link=Person/x',
    ])
      expect([query, await search(query)]).toEqual([query, []]);
    expect(await search(`identifier=urn:mrn:elizabeth%7C88&_asOf=${early}`)).toEqual([]);
  });

  it('is read, with its versions and absolute references, as of any moment', async () => {
    const person = (await town.system.get(`Person/${ann}`)).json<Person & Record<string, unknown>>();
    expect(linksOf(person)).toHaveLength(3);
    const history = (await town.system.get(`Person/${ann}/_history`)).json<{ entry: { resource: Person }[] }>();
    expect(history.entry.flatMap(({ resource }) => linksOf(resource).length)).toEqual([3, 2, 1]);
    expect(linksOf((await town.system.get(`Person/${ann}?_asOf=${early}`)).json())).toHaveLength(1);
    expect((await town.system.get('Person/nobody')).status).toBe(404);
  });

  it.each(['patient=p1', 'link=urn:x|y', 'identifier=|', 'patient=http://elsewhere/fhir/Patient/1'])(
    'cannot be asked for by %s',
    async (query) => {
      const answer = await town.system.get(`Person?${query}`);
      expect([answer.status, answer.json()]).toEqual([
        400,
        expect.objectContaining({ resourceType: 'OperationOutcome' }),
      ]);
    },
  );
});

describe('everything of a person', () => {
  const everything = async (query = ''): Promise<Bundle> =>
    (await town.system.get(`Person/${ann}/$everything${query}`)).json<Bundle & Record<string, unknown>>();

  it('is the records of all sources, each as its source serves it, to the last byte', async () => {
    const answer = await town.system.get(`Person/${ann}/$everything`);
    const bundle = answer.json<Bundle & Record<string, unknown>>();
    expect(urls(bundle)).toEqual([
      `chartledger/Person/${ann}`,
      'lab/Patient/l3',
      'lab/DiagnosticReport/r1',
      'st-elizabeth/Patient/e7',
      'st-mary/Patient/p1',
      'st-mary/Observation/w1',
    ]);
    expect(urls(bundle, 'include')).toEqual(['st-mary/Practitioner/d1']);
    expect(bundle.total).toBe(6);
    const weight = (await town.mary.get('Observation/w1')).text;
    expect(weight).toContain('70.50');
    expect(answer.text).toContain(`"resource":${weight},`);
    expect(answer.headers.get('chartledger-position')).toMatch(/^0:\d+,1:\d+$/);
  });

  it('comes page by page as of one moment, whatever happens meanwhile', async () => {
    const whole = urls(await everything());
    const found: string[] = [];
    let url: string | undefined = `Person/${ann}/$everything?_count=2`;
    for (let page = 0; url !== undefined; page += 1) {
      const bundle: Bundle = (await town.system.get(url)).json<Bundle & Record<string, unknown>>();
      found.push(...urls(bundle));
      url = bundle.link!.find(({ relation }) => relation === 'next')?.url;
      if (page === 0)
        await town.put(
          town.lab,
          'Observation/later',
          WEIGHT.replace('w1', 'later').replace('p1', 'l3').replace('Practitioner/d1', 'Practitioner/none'),
        );
      expect(page).toBeLessThan(5);
    }
    expect(found).toEqual(whole);
    expect(urls(await everything())).toContain('lab/Observation/later');
  });

  it('can be narrowed, and asked as of then', async () => {
    expect(urls(await everything('?_type=Observation,DiagnosticReport'))).toEqual(
      expect.arrayContaining(['lab/DiagnosticReport/r1', 'st-mary/Observation/w1']),
    );
    expect(urls(await everything(`?_asOf=${early}`))).toEqual([
      `chartledger/Person/${ann}`,
      'st-mary/Patient/p1',
      'st-mary/Observation/w1',
    ]);
    expect(urls(await everything('?_since=2999-01-01T00:00:00Z&_type=Observation'))).toEqual([]);
  });

  it.each(['start=2020-01-01', '_count=0', '_type=Pizza', '_since=yesterday', '_page=x', '_count=1&_count=2'])(
    'refuses %s',
    async (query) => {
      expect((await town.system.get(`Person/${ann}/$everything?${query}`)).status).toBe(400);
    },
  );

  it('of nobody is 404', async () => {
    expect((await town.system.get('Person/nobody/$everything')).status).toBe(404);
  });
});

describe('the cross-reference of identifiers (PIXm ITI-83)', () => {
  interface Parameters {
    parameter?: {
      name: string;
      valueIdentifier?: { system: string; value: string };
      valueReference?: { reference: string };
    }[];
  }
  const values = ({ parameter = [] }: Parameters): string[] =>
    parameter.map(({ valueIdentifier, valueReference }) =>
      valueIdentifier
        ? `${valueIdentifier.system}|${valueIdentifier.value}`
        : valueReference!.reference.replace(/^.*\/fhir\//, ''),
    );
  const ask = (query: string): ReturnType<Town['get']> => town.system.get(`Patient/$ihe-pix?${query}`);

  it('gives the identifiers and records of the same person in the other systems', async () => {
    const all = (await ask('sourceIdentifier=urn:mrn:mary%7C4711')).json<Parameters & Record<string, unknown>>();
    expect(values(all).sort()).toEqual([
      'lab/Patient/l3',
      'st-elizabeth/Patient/e7',
      'st-mary/Patient/p1',
      'urn:mrn:elizabeth|88',
      'urn:mrn:lab|x3',
    ]);
    const one = await ask('sourceIdentifier=urn:mrn:mary%7C4711&targetSystem=urn:mrn:lab');
    expect(values(one.json())).toEqual(['urn:mrn:lab|x3', 'lab/Patient/l3']);
    expect((await ask('sourceIdentifier=urn:mrn:mary%7C4711&targetSystem=urn:none')).json()).toEqual({
      resourceType: 'Parameters',
    });
  });

  it('can be asked by POST, which keeps the identifier out of the URL', async () => {
    const valueIdentifier = { system: 'urn:mrn:mary', value: '4711' };
    const parameter = [
      { name: 'sourceIdentifier', valueIdentifier },
      { name: 'targetSystem', valueUri: 'urn:mrn:lab' },
    ];
    const answer = await town.system.post('Patient/$ihe-pix', { resourceType: 'Parameters', parameter });
    expect(values(answer.json())).toEqual(['urn:mrn:lab|x3', 'lab/Patient/l3']);
  });

  it('is as of then', async () => {
    const then = await ask(`sourceIdentifier=urn:mrn:mary%7C4711&_asOf=${early}`);
    expect(values(then.json())).toEqual(['st-mary/Patient/p1']);
  });

  it('says nothing where an identifier is of two people', async () => {
    const shared = { identifier: [{ system: 'urn:insurance', value: '1' }] };
    await town.put(town.mary, 'Patient/p5', {
      ...BOB,
      ...shared,
      name: [{ family: 'Abernathy', given: ['Zoe'] }],
      birthDate: '2001-01-05',
      address: undefined,
      gender: 'female',
    });
    await town.put(town.lab, 'Patient/l5', {
      ...ANN,
      ...shared,
      name: [{ family: 'Quist', given: ['Tor'] }],
      birthDate: '1933-08-21',
      address: undefined,
      telecom: undefined,
      gender: 'male',
    });
    const answer = await ask('sourceIdentifier=urn:insurance%7C1');
    const { code } = answer.json<{ issue: { code: string }[] }>().issue[0];
    expect([answer.status, code]).toEqual([409, 'multiple-matches']);
  });

  it.each([
    ['sourceIdentifier=urn:mrn:mary%7Cnone', 404],
    ['sourceIdentifier=4711', 400],
    ['', 400],
    ['sourceIdentifier=a%7Cb&sourceIdentifier=a%7Cc', 400],
    ['sourceIdentifier=a%7Cb&other=1', 400],
  ])('refuses %s with %i', async (query, status) => {
    const answer = await ask(query);
    expect([answer.status, answer.json()]).toEqual([
      status,
      expect.objectContaining({ resourceType: 'OperationOutcome' }),
    ]);
  });
});

it('the CapabilityStatement says what there is', async () => {
  const { rest } = (await town.system.get('metadata')).json<{
    rest: { resource: { type: string; searchParam?: { name: string }[]; operation?: { name: string }[] }[] }[];
  }>();
  const of = (type: string): (typeof rest)[0]['resource'][0] => rest[0].resource.find((one) => one.type === type)!;
  expect(of('Person').searchParam!.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['_id', 'link', 'patient', 'identifier']),
  );
  expect(of('Person').operation!.map(({ name }) => name)).toEqual(['everything']);
  expect(of('Patient').operation!.map(({ name }) => name)).toEqual(['match', 'ihe-pix']);
  expect(of('Task').searchParam!.map(({ name }) => name)).toEqual(expect.arrayContaining(['status', 'patient']));
  const source = (await town.mary.get('metadata')).json<{ rest: typeof rest }>();
  const patient = source.rest[0].resource.find(({ type }) => type === 'Patient')!;
  expect(patient.operation!.map(({ name }) => name)).toEqual(['person']);
});

it('the lineage of a person leads up to the versions that it stands on, and from a record down to its persons', async () => {
  const up = await town.get(`/lineage/graph?node=person:${ann}&direction=up&depth=1`);
  const { nodes, edges } = up.json<{
    nodes: { id: string; kind: string }[];
    edges: { from: string; to: string; kind: string }[];
  }>();
  expect(nodes[0]).toMatchObject({ id: `person:${ann}/3`, kind: 'person' });
  expect(
    edges
      .filter(({ kind }) => kind === 'basis')
      .map(({ from }) => from)
      .sort(),
  ).toEqual(['record:lab/Patient/l3/1', 'record:st-elizabeth/Patient/e7/1', 'record:st-mary/Patient/p1/1']);
  expect(edges.filter(({ kind }) => kind === 'revised')).toMatchObject([{ from: `person:${ann}/2` }]);
  const down = await town.get('/lineage/graph?node=record:st-elizabeth/Patient/e7/1&direction=down&depth=1');
  expect(down.json<{ edges: { to: string; kind: string }[] }>().edges).toMatchObject([
    { to: `person:${ann}/2`, kind: 'basis' },
    { to: `person:${ann}/3`, kind: 'basis' },
  ]);
  const prov = await town.get(`/lineage/graph?node=person:${ann}/1&direction=both&depth=1&format=prov-json`);
  expect(Object.keys(prov.json<{ entity: object }>().entity)).toContain(`person:${ann}/1`);
});
