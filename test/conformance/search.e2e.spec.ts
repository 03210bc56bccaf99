import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'fhir-kit-client';
import { type FhirHttp, registerSource, startTestServer, type TestServer } from '@chartledger/testing';

interface SearchSet {
  resourceType: string;
  type: string;
  total: number;
  link: { relation: string; url: string }[];
  entry?: {
    fullUrl?: string;
    resource: { resourceType: string; id: string; issue?: { diagnostics: string }[] };
    search: { mode: string };
  }[];
}

const PATIENTS = 23;

let server: TestServer;
let fhir: FhirHttp;
let client: Client;
/** The position after the first writes, and the time. */
let early: { position: string; instant: string };

beforeAll(async () => {
  server = await startTestServer();
  fhir = await registerSource(server.url, { name: 'clinic' });
  client = new Client({ baseUrl: fhir.base });
  const entries: object[] = [];
  for (let at = 0; at < PATIENTS; at += 1) {
    const id = `p${String(at).padStart(2, '0')}`;
    const identifier = [{ system: 'urn:mrn', value: `m${at}` }, { value: 'shared' }];
    entries.push(put({ resourceType: 'Patient', id, identifier }));
    entries.push(put(observation(`o-${id}`, `Patient/${id}`)));
  }
  entries.push(put({ resourceType: 'Group', id: 'g1', type: 'person', actual: true }));
  entries.push(put(observation('o-group', 'Group/g1')));
  entries.push(put({ ...observation('o-device', 'Device/p01') }));
  const answer = await fhir.post('', { resourceType: 'Bundle', type: 'transaction', entry: entries });
  expect(answer.status).toBe(200);
  const first = await fhir.get('Patient/p00');
  const { meta } = first.json<{ meta: { lastUpdated: string } }>();
  early = { position: answer.headers.get('chartledger-position')!, instant: meta.lastUpdated };
});
afterAll(() => server.remove());

describe('a search', () => {
  it.each([
    ['Patient?_id=p03', ['p03']],
    ['Patient?_id=p03,p05,nobody', ['p03', 'p05']],
    ['Patient?identifier=urn:mrn|m7', ['p07']],
    ['Patient?identifier=urn:mrn%7Cm7', ['p07']],
    ['Patient?identifier=m7', ['p07']],
    ['Patient?identifier=|m7', []],
    ['Patient?identifier=urn:other|m7', []],
    ['Patient?identifier=urn:mrn|m7,urn:mrn|m8', ['p07', 'p08']],
    ['Patient?identifier=shared&_id=p04,p05', ['p04', 'p05']],
    ['Patient?identifier=|shared&_id=p04', ['p04']],
    ['Patient?identifier=m4&identifier=shared', ['p04']],
    ['Patient?identifier=m4&identifier=m5', []],
    ['Observation?patient=p03', ['o-p03']],
    ['Observation?patient=Patient/p03', ['o-p03']],
    ['Observation?subject=Patient/p03', ['o-p03']],
    ['Observation?subject=Patient/p03,Group/g1', ['o-group', 'o-p03']],
    ['Observation?patient=Group/g1', []],
    ['Observation?subject=Group/g1', ['o-group']],
    ['Observation?subject=p01', ['o-device', 'o-p01']],
    ['Observation?subject=nobody', []],
    ['Patient?_id=p03&_format=json&_pretty=true', ['p03']],
  ])('%s', async (query, ids) => {
    const { matches, bundle } = await search(query);
    expect(matches).toEqual(ids);
    expect(bundle).toMatchObject({ resourceType: 'Bundle', type: 'searchset', total: ids.length });
    for (const { fullUrl, resource } of bundle.entry ?? []) {
      expect(fullUrl).toBe(`${fhir.base}/${resource.resourceType}/${resource.id}`);
    }
  });

  it('goes page by page to the end, each record once, as of its first page', async () => {
    let page = (await client.resourceSearch({
      resourceType: 'Patient',
      searchParams: { identifier: 'shared', _count: 5 },
    })) as unknown as SearchSet | undefined;
    const ids: string[] = [];
    for (let pages = 0; page; pages += 1) {
      expect(page.total).toBe(PATIENTS);
      ids.push(...page.entry!.map(({ resource }) => resource.id));
      // A record that comes between the pages, before and after where the search stands, is not of this answer.
      const identifier = [{ value: 'shared' }];
      await fhir.put(`Patient/a${pages}`, { resourceType: 'Patient', id: `a${pages}`, identifier });
      await fhir.put(`Patient/z${pages}`, { resourceType: 'Patient', id: `z${pages}`, identifier });
      page = (await client.nextPage({ bundle: page as never })) as unknown as SearchSet | undefined;
    }
    expect(ids.length).toBe(PATIENTS);
    expect(new Set(ids).size).toBe(PATIENTS);
  });

  it('of all of a type goes page by page too', async () => {
    const ids: string[] = [];
    let url: string | undefined = 'Observation?_count=7';
    while (url) {
      const { bundle, matches } = await search(url);
      ids.push(...matches);
      url = bundle.link.find(({ relation }) => relation === 'next')?.url;
    }
    expect(ids.length).toBe(PATIENTS + 2);
    expect(new Set(ids).size).toBe(PATIENTS + 2);
  });

  it('with _count=0 says how many there are', async () => {
    const { bundle, matches } = await search('Observation?_count=0');
    expect([bundle.total, matches.length]).toEqual([PATIENTS + 2, 0]);
    expect(bundle.link.map(({ relation }) => relation)).toEqual(['self']);
  });

  it('reports an unknown parameter and what was searched for, and is refused with handling=strict', async () => {
    const { bundle, matches } = await search('Patient?_id=p03&shoe-size=44');
    expect(matches).toEqual(['p03']);
    const outcome = bundle.entry!.find(({ search: { mode } }) => mode === 'outcome')!;
    expect(outcome.resource.issue![0].diagnostics).toContain('shoe-size');
    expect(bundle.link[0]).toMatchObject({ relation: 'self', url: `${fhir.base}/Patient?_id=p03` });
    const strict = await fhir.get('Patient?_id=p03&shoe-size=44', { Prefer: 'handling=strict' });
    expect(strict.status).toBe(400);
    expect(strict.text).toContain('shoe-size');
    expect((await fhir.get('Patient?_id=p03&subject=Patient/p03', { Prefer: 'handling=strict' })).status).toBe(400);
    expect((await fhir.get('Patient?_id=p03', { Prefer: 'handling=strict' })).status).toBe(200);
  });

  it.each(['_count=many', '_count=-1', 'identifier=urn:mrn|', '_page=%20'])('is refused for %s', async (query) => {
    const answer = await fhir.get(`Patient?${query}`);
    expect([answer.status, answer.json().resourceType]).toEqual([400, 'OperationOutcome']);
  });

  it('does not search by the identifiers that a record had', async () => {
    await fhir.put('Patient/was', { resourceType: 'Patient', id: 'was', identifier: [{ value: 'former' }] });
    await fhir.put('Patient/was', { resourceType: 'Patient', id: 'was', identifier: [{ value: 'present' }] });
    expect((await search('Patient?identifier=former')).matches).toEqual([]);
    expect((await search('Patient?identifier=present')).matches).toEqual(['was']);
  });
});

describe('_asOf', () => {
  beforeAll(async () => {
    await fhir.put('Patient/p00', {
      resourceType: 'Patient',
      id: 'p00',
      gender: 'other',
      identifier: [{ value: 'new' }],
    });
    await fhir.delete('Patient/p01');
    await fhir.put('Patient/late', {
      resourceType: 'Patient',
      id: 'late',
      identifier: [{ system: 'urn:mrn', value: 'm0' }],
    });
  });

  const both =
    (test: (asOf: string) => Promise<void>): (() => Promise<void>) =>
    async () => {
      await test(early.position);
      await test(`0:0,${early.position}`);
      await test(early.instant);
      await test(early.instant.replace('Z', '+00:00'));
    };

  it(
    'reads a record as it was',
    both(async (asOf) => {
      const then = await fhir.get(`Patient/p00?_asOf=${encodeURIComponent(asOf)}`);
      expect([then.status, then.headers.get('etag')]).toEqual([200, 'W/"1"']);
      expect(then.headers.get('chartledger-position')).toBe(early.position);
      expect(then.json()).not.toHaveProperty('gender');
    }),
  );

  it(
    'reads what was deleted since, and not what came since',
    both(async (asOf) => {
      const at = `_asOf=${encodeURIComponent(asOf)}`;
      expect((await fhir.get(`Patient/p01?${at}`)).status).toBe(200);
      expect((await fhir.get(`Patient/late?${at}`)).status).toBe(404);
      expect((await fhir.get(`Patient/p00/_history?${at}`)).json()).toMatchObject({ total: 1 });
      expect((await fhir.get(`Patient/p00/_history/2?${at}`)).status).toBe(404);
    }),
  );

  it(
    'searches as it was',
    both(async (asOf) => {
      const at = `_asOf=${encodeURIComponent(asOf)}`;
      expect((await search(`Patient?identifier=m0&${at}`)).matches).toEqual(['p00']);
      expect((await search(`Patient?identifier=new&${at}`)).matches).toEqual([]);
      expect((await search(`Patient?_count=0&${at}`)).bundle.total).toBe(PATIENTS);
      expect((await search(`Patient?identifier=m0`)).matches).toEqual(['late']);
    }),
  );

  it('before the first entry finds nothing', async () => {
    const at = '_asOf=2001-01-01T00:00:00Z';
    expect((await fhir.get(`Patient/p00?${at}`)).status).toBe(404);
    expect((await search(`Patient?${at}`)).matches).toEqual([]);
  });

  it('of this moment is the present', async () => {
    const at = `_asOf=${new Date().toISOString()}`;
    expect((await fhir.get(`Patient/p00?${at}`)).headers.get('etag')).toBe('W/"2"');
  });

  it.each([
    ['beyond the head', '1:99999999'],
    ['of another chain', '0:0'],
    ['of no chain', 'yesterday'],
    ['a date without a time', '2024-03-01'],
    ['an instant without a time zone', '2024-03-01T08:00:00'],
    ['an instant that does not exist', '2024-02-30T08:00:00Z'],
    ['an instant that is still to come', '2999-01-01T00:00:00Z'],
    ['empty', ''],
    ['a chain twice', '1:0,1:1'],
    ['a negative position', '1:-1'],
  ])('that cannot be honoured is refused: %s', async (_what, asOf) => {
    const at = `_asOf=${encodeURIComponent(asOf)}`;
    for (const path of [
      `Patient/p00?${at}`,
      `Patient?${at}`,
      `Patient/p00/_history?${at}`,
      `Patient/p00/_history/1?${at}`,
    ]) {
      const answer = await fhir.get(path);
      expect([path, answer.status, answer.json().resourceType]).toEqual([path, 400, 'OperationOutcome']);
    }
  });

  it('given twice is refused', async () => {
    expect((await fhir.get(`Patient/p00?_asOf=${early.position}&_asOf=1:0`)).status).toBe(400);
    expect((await fhir.get(`Patient?_asOf=${early.position}&_asOf=1:0`)).status).toBe(400);
  });

  it('on a write is refused, not ignored', async () => {
    const answer = await fhir.put(`Patient/p02?_asOf=${early.position}`, { resourceType: 'Patient', id: 'p02' });
    expect(answer.status).toBe(400);
  });
});

function observation(id: string, subject: string): object {
  return { resourceType: 'Observation', id, status: 'final', code: { text: 'x' }, subject: { reference: subject } };
}

function put(resource: object): object {
  const { resourceType, id } = resource as { resourceType: string; id: string };
  return { resource, request: { method: 'PUT', url: `${resourceType}/${id}` } };
}

async function search(path: string): Promise<{ bundle: SearchSet; matches: string[] }> {
  const answer = await fhir.get(path);
  expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
  expect(answer.headers.get('chartledger-position')).toMatch(/^1:-?\d+$/);
  const bundle = answer.json<SearchSet>();
  const matches = (bundle.entry ?? [])
    .filter(({ search: { mode } }) => mode === 'match')
    .map(({ resource }) => resource.id);
  return { bundle, matches: matches.sort() };
}
