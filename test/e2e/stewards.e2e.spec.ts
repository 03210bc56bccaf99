import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestServer, type TestServer } from '@chartledger/testing';
import { ANN, BOB, linksOf, Town, urls, type Bundle, type Person } from './persons.fixture.js';

let server: TestServer;
let town: Town;
beforeAll(async () => {
  server = await startTestServer();
  town = await Town.on(server);
  await town.put(town.mary, 'Patient/p1', ANN);
  await town.put(town.elizabeth, 'Patient/e7', { ...ANN, name: [{ family: 'Kowalczyk', given: ['Anabelle'] }] });
  await town.put(town.lab, 'Patient/l1', BOB);
  await town.personOf(town.lab, 'l1');
});
afterAll(() => server.remove());

describe('$match (PDQm ITI-119)', () => {
  const bundleOf = async (patient: object, more: object[] = []): Promise<Bundle> => {
    const answer = await town.match(patient, more);
    expect([answer.status, answer.headers.get('chartledger-position')]).toEqual([
      200,
      expect.stringMatching(/^0:\d+,1:\d+$/),
    ]);
    return answer.json<Bundle & Record<string, unknown>>();
  };
  const grades = ({ entry = [] }: Bundle): unknown[] =>
    entry.flatMap(({ search }) => search.extension?.[0].valueCode ?? []);
  const advice = ({ entry = [] }: Bundle): unknown[] =>
    entry.filter(({ search }) => search.mode === 'outcome').map(({ resource }) => resource.issue![0].code);

  it('finds records, the best first, each with a score, a grade and its person', async () => {
    const bundle = await bundleOf(ANN);
    expect(urls(bundle)).toEqual(['st-mary/Patient/p1', 'st-elizabeth/Patient/e7']);
    expect(grades(bundle)).toEqual(['certain', expect.stringMatching(/^(certain|probable)$/)]);
    const scores = bundle.entry!.map(({ search }) => search.score!);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    for (const score of scores) expect(score > 0 && score < 1).toBe(true);
    const { id } = await town.personOf(town.mary, 'p1');
    for (const { search } of bundle.entry!)
      expect(search.extension![1].valueReference).toEqual({ reference: `${server.url}/fhir/chartledger/Person/${id}` });
    expect((await town.match(ANN)).text).toContain(`"resource":${(await town.mary.get('Patient/p1')).text},`);
  });

  it('takes a Patient alone, and what was acknowledged is found', async () => {
    await town.put(town.lab, 'Patient/l2', { ...ANN, name: [{ family: 'Kowalczyk', given: ['Annabelle'] }] });
    const answer = await town.system.post('Patient/$match', ANN);
    expect(urls(answer.json())).toContain('lab/Patient/l2');
  });

  it('finds nobody like this: an empty searchset with advice, and no error', async () => {
    const nobody = {
      resourceType: 'Patient',
      name: [{ family: 'Xylander', given: ['Quirin'] }],
      birthDate: '1899-02-28',
    };
    const bundle = await bundleOf(nobody);
    expect([urls(bundle), bundle.total, advice(bundle)]).toEqual([[], 0, ['not-found']]);
    expect(advice(await bundleOf({ resourceType: 'Patient' }))).toEqual(['not-found']);
  });

  it('onlySingleMatch, count and onlyCertainMatches limit what is answered', async () => {
    expect(urls(await bundleOf(ANN, [{ name: 'onlySingleMatch', valueBoolean: true }]))).toEqual([
      'st-mary/Patient/p1',
    ]);
    expect(urls(await bundleOf(ANN, [{ name: 'count', valueInteger: 2 }]))).toHaveLength(2);
    const certain = await bundleOf(ANN, [{ name: 'onlyCertainMatches', valueBoolean: true }]);
    expect(new Set(grades(certain))).toEqual(new Set(['certain']));
  });

  it.each<[string, unknown, string]>([
    ['no JSON', '{"resourceType":', 'structure'],
    ['another resource', { resourceType: 'Observation', status: 'final', code: { text: 'x' } }, 'structure'],
    ['no Patient', { resourceType: 'Parameters' }, 'required'],
    [
      'another resource in it',
      {
        resourceType: 'Parameters',
        parameter: [{ name: 'resource', resource: { resourceType: 'Group', type: 'person', actual: true } }],
      },
      'value',
    ],
    ['a Patient that is no FHIR', { resourceType: 'Patient', birthDate: 'yesterday' }, 'value'],
    [
      'a count of 0',
      {
        resourceType: 'Parameters',
        parameter: [
          { name: 'resource', resource: ANN },
          { name: 'count', valueInteger: 0 },
        ],
      },
      'value',
    ],
    [
      'a parameter that is not known',
      {
        resourceType: 'Parameters',
        parameter: [
          { name: 'resource', resource: ANN },
          { name: 'fuzzy', valueBoolean: true },
        ],
      },
      'not-supported',
    ],
    [
      'a parameter twice',
      {
        resourceType: 'Parameters',
        parameter: [
          { name: 'resource', resource: ANN },
          { name: 'resource', resource: BOB },
        ],
      },
      'invalid',
    ],
    [
      'text for a boolean',
      {
        resourceType: 'Parameters',
        parameter: [
          { name: 'resource', resource: ANN },
          { name: 'onlyCertainMatches', valueString: 'yes' },
        ],
      },
      'value',
    ],
  ])('refuses %s', async (_case, body, code) => {
    const answer = await town.system.post('Patient/$match', body as object | string);
    expect([answer.status, answer.json<{ issue: { code: string }[] }>().issue[0].code]).toEqual([400, code]);
  });

  it('refuses to be asked as of then, and other than in JSON', async () => {
    expect((await town.system.post('Patient/$match?_asOf=0:1', ANN)).status).toBe(400);
    expect(
      (await town.system.post('Patient/$match', '<Patient/>', { 'Content-Type': 'application/fhir+xml' })).status,
    ).toBe(415);
  });
});

describe('the waterfall of a pair', () => {
  const PAIR = 'left=st-mary/Patient/p1&right=st-elizabeth/Patient/e7';
  interface Waterfall {
    steps: { field: string; weight: number; from: number; to: number }[];
    total: number;
    verdict: string;
    words: string;
  }

  it('begins at the prior and ends at the total, step by step', async () => {
    const answer = await town.get(`/persons/waterfall?${PAIR}`);
    const { steps, total, verdict, words } = answer.json<Waterfall & Record<string, unknown>>();
    expect(steps.map(({ from, weight }) => from + weight)).toEqual(steps.map(({ to }) => to));
    expect(steps.slice(1).map(({ from }) => from)).toEqual(steps.slice(0, -1).map(({ to }) => to));
    expect([steps[0].from, steps.at(-1)!.to, verdict]).toEqual([0, total, 'link']);
    expect(words).toContain('given name: typo');
    expect(answer.headers.get('chartledger-position')).toMatch(/^0:\d+,1:\d+$/);
  });

  it('is a picture without anything that the records say', async () => {
    for (const [query, headers] of [
      ['&format=svg', {}],
      ['', { Accept: 'image/svg+xml' }],
    ] as const) {
      const answer = await town.get(`/persons/waterfall?${PAIR}${query}`, headers);
      expect(answer.headers.get('content-type')).toContain('image/svg+xml');
      expect(answer.text).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/);
      for (const value of ['Kowalczyk', 'nabelle', '1974', '617', 'Beacon', '02108'])
        expect(answer.text).not.toContain(value);
    }
  });

  it.each([
    ['left=st-mary/Patient/p1', 400],
    ['left=st-mary/Patient/p1&right=st-mary/Patient/p1', 400],
    ['left=st-mary/Patient/p1&right=nobody', 400],
    [`${PAIR}&format=png`, 400],
    [`${PAIR}&colour=red`, 400],
    ['left=st-mary/Patient/p1&right=st-mary/Patient/nobody', 404],
    ['left=st-mary/Patient/p1&right=nowhere/Patient/p1', 404],
  ])('refuses %s with %i', async (query, status) => {
    const answer = await town.get(`/persons/waterfall?${query}`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      status,
      expect.stringContaining('problem+json'),
    ]);
  });
});

describe('a steward', () => {
  interface Story {
    survivor: string;
    absorbed: string[];
    decisions: {
      person: string;
      position: string;
      kind: string;
      by: string;
      actor: string;
      words: string;
      undone?: string;
    }[];
  }
  const storyOf = async (id: string, query = ''): Promise<Story> =>
    (await town.get(`/persons/${id}/decisions${query}`)).json<Story & Record<string, unknown>>();

  it('parts two records with a reason, the model does not overrule it, and it can be taken back', async () => {
    const { id } = await town.personOf(town.mary, 'p1');
    const decision = { kind: 'unlink', record: 'st-elizabeth/Patient/e7', reason: 'two sisters, says the ward' };
    const answer = await town.decide(id, decision);
    expect([answer.status, answer.text]).toEqual([201, expect.stringContaining('"position"')]);
    const { position } = answer.json<{ position: string }>();
    expect(answer.headers.get('chartledger-position')).toBe(position);
    const parted = await town.personOf(town.elizabeth, 'e7');
    expect(linksOf(parted)).toEqual(['st-elizabeth/Patient/e7']);

    await town.put(town.elizabeth, 'Patient/e7', { ...ANN, maritalStatus: { text: 'married' } });
    expect((await town.personOf(town.elizabeth, 'e7')).id).toBe(parted.id);

    const pair = '/persons/waterfall?left=st-elizabeth/Patient/e7&right=st-mary/Patient/p1';
    expect((await town.get(pair)).json()).toMatchObject({
      persons: { left: parted.id, right: id },
      ruling: { kind: 'cannot', decision: expect.stringMatching(/^0:\d+$/) },
      words: expect.stringContaining('A steward has ruled that they are two people'),
    });

    const story = await storyOf(id);
    expect(story.decisions.at(-1)).toMatchObject({
      kind: expect.stringMatching(/unlink|split/),
      by: 'steward',
      actor: 'anonymous',
    });
    expect(story.decisions.at(-1)!.words).toContain('two sisters, says the ward');
    expect(story.decisions[1].words).toMatch(/bits, at or above/);

    expect((await town.decide(parted.id, { kind: 'undo', decision: '0:1', reason: 'x' })).status).toBe(404);
    expect((await town.decide(id, { kind: 'undo', decision: position, reason: 'they are one after all' })).status).toBe(
      201,
    );
    expect((await town.personOf(town.elizabeth, 'e7')).id).toBe(id);
    expect((await town.get(pair)).json()).not.toHaveProperty('ruling');
    const after = await storyOf(id);
    expect(after.decisions.filter(({ undone }) => undone)).toHaveLength(1);
    expect((await storyOf(id, `?asOf=${position}`)).decisions).toHaveLength(story.decisions.length);
  });

  it('makes two persons one: the older id stays, the other leads to it and keeps its story', async () => {
    const [one, other] = [(await town.personOf(town.mary, 'p1')).id, (await town.personOf(town.lab, 'l1')).id];
    const answer = await town.decide(other, { kind: 'merge', other: `Person/${one}`, reason: 'changed her name' });
    expect([answer.status, answer.text]).toEqual([201, expect.stringContaining(one)]);
    expect((await town.get(`/persons/${other}`)).json()).toMatchObject({
      state: 'absorbed',
      into: one,
      survivor: one,
      members: [],
    });
    expect((await town.get(`/persons/${one}`)).json()).toMatchObject({
      state: 'active',
      absorbed: expect.arrayContaining([other]),
    });
    const absorbed = (await town.system.get(`Person/${other}`)).json<Person & Record<string, unknown>>();
    expect([absorbed.active, linksOf(absorbed)]).toEqual([false, [`Person/${one}`]]);
    expect(urls((await town.system.get(`Person?link=Person/${other}`)).json())).toEqual([]);
    expect(
      urls(
        (
          await town.system.get(`Person?link=${encodeURIComponent(`${server.url}/fhir/chartledger/Person/${one}`)}`)
        ).json(),
      ),
    ).toContain(`chartledger/Person/${other}`);
    expect(urls((await town.system.get(`Person/${other}/$everything?_type=Patient`)).json())).toContain(
      'lab/Patient/l1',
    );
    expect((await storyOf(other)).survivor).toBe(one);
    expect((await storyOf(one)).decisions.map(({ person }) => person)).toEqual(expect.arrayContaining([one, other]));
  });

  it.each<[object | string, number]>([
    ['{', 400],
    [{}, 400],
    [{ kind: 'forget', reason: 'x' }, 400],
    [{ kind: 'unlink', record: 'st-mary/Patient/p1' }, 400],
    [{ kind: 'unlink', record: 'st-mary/Patient/p1', reason: ' ' }, 400],
    [{ kind: 'unlink', record: 'p1', reason: 'x' }, 400],
    [{ kind: 'unlink', record: 'st-mary/Patient/p1', reason: 'x', also: 1 }, 400],
    [{ kind: 'split', records: [], reason: 'x' }, 400],
    [{ kind: 'undo', decision: '1:5', reason: 'x' }, 400],
    [{ kind: 'unlink', record: 'st-mary/Patient/nobody', reason: 'x' }, 409],
  ])('is refused where %j makes no sense', async (decision, status) => {
    const { id } = await town.personOf(town.mary, 'p1');
    const answer =
      typeof decision === 'string'
        ? await town.decide(id, JSON.parse('[]') as object)
        : await town.decide(id, decision);
    expect([answer.status, answer.text]).toEqual([status, expect.stringContaining('"detail"')]);
  });

  it('decides on nobody with 404', async () => {
    const answer = await town.decide('nobody', { kind: 'unlink', record: 'st-mary/Patient/p1', reason: 'x' });
    expect(answer.status).toBe(404);
    for (const path of ['nobody', 'nobody/decisions', 'a%00b', `${'x'.repeat(65)}/decisions`])
      expect((await town.get(`/persons/${path}`)).status).toBe(404);
  });

  it('is asked about pairs between the thresholds, by Task', async () => {
    // From nearly the same to little in common: some are between, whatever the model is.
    const likeness = [
      { birthDate: '1988-05-17', address: [{ line: ['9 Elm Street'], city: 'Quincy', postalCode: '02169' }] },
      { birthDate: '1988-05-17' },
      { birthDate: '1988-05-18' },
      { birthDate: '1988-11-17' },
      { birthDate: '1988' },
      { birthDate: '1978-05-17', address: [{ city: 'Quincy', postalCode: '02169' }] },
      {},
    ];
    const families = ['Lindqvist', 'Okafor', 'Marchetti', 'Ferreira', 'Haddad', 'Novotny', 'Brannigan'];
    for (const [index, more] of likeness.entries()) {
      const patient = {
        resourceType: 'Patient',
        gender: 'male',
        name: [{ family: families[index], given: ['Elias'] }],
      };
      await town.put(town.mary, `Patient/t${index}`, { ...patient, ...likeness[0] });
      await town.put(town.lab, `Patient/t${index}`, { ...patient, ...more });
    }
    await town.personOf(town.lab, 't6');
    const answer = await town.system.get('Task?status=requested');
    const tasks = answer.json<Bundle & Record<string, unknown>>().entry ?? [];
    expect(tasks.length).toBeGreaterThan(0);
    const coded = await town.system.get('Task?status=http://hl7.org/fhir/task-status%7Crequested,completed');
    expect(coded.json<{ total: number }>().total).toBeGreaterThanOrEqual(tasks.length);
    expect((await town.system.get('Task?status=urn:other%7Crequested')).json()).toMatchObject({ total: 0 });
    expect((await town.system.get('Task?status=%00')).status).toBe(400);
    for (const { resource } of tasks) {
      const { input } = resource as unknown as { input: { valueReference: { reference: string } }[] };
      const [left, right] = input.map(({ valueReference }) => valueReference.reference);
      expect(left).toMatch(new RegExp(`^${server.url}/fhir/`));
      const pair = `left=${encodeURIComponent(left)}&right=${encodeURIComponent(right)}`;
      expect((await town.get(`/persons/waterfall?${pair}`)).json()).toMatchObject({
        verdict: expect.stringMatching(/^(review|link)$/),
      });
      expect(urls((await town.system.get(`Task?patient=${encodeURIComponent(left)}`)).json())).toContain(
        `chartledger/Task/${resource.id}`,
      );
    }
    const [{ resource }] = tasks;
    const { input } = resource as unknown as { input: { valueReference: { reference: string } }[] };
    const [left, right] = input.map(({ valueReference }) => valueReference.reference.replace(/^.*\/fhir\//, ''));
    const [source, , id] = left.split('/');
    const person = await town.personOf(source === 'lab' ? town.lab : town.mary, id);
    expect((await town.decide(person.id, { kind: 'link', record: right, reason: 'seen together' })).status).toBe(201);
    expect((await town.system.get(`Task/${resource.id}`)).json()).toMatchObject({ status: 'completed' });
    const open = (await town.system.get('Task?status=requested')).json<Bundle & Record<string, unknown>>();
    expect(urls(open)).not.toContain(`chartledger/Task/${resource.id}`);
  });
});
