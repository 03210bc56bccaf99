import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type FhirHttp, registerSource, startTestServer, type TestServer } from '@chartledger/testing';

const WRITERS = 16;
const WRITES = 25;

let server: TestServer;
let fhir: FhirHttp;
beforeAll(async () => {
  server = await startTestServer();
  fhir = await registerSource(server.url, { name: 'clinic' });
});
afterAll(() => server.remove());

describe(`under ${WRITERS} concurrent writers`, () => {
  it('a read, a search and a history that begin after a write was acknowledged see it', async () => {
    const writer = async (number: number): Promise<void> => {
      const id = `p${number}`;
      for (let version = 1; version <= WRITES; version += 1) {
        const identifier = [{ system: 'urn:run', value: `${number}-${version}` }];
        const body = { resourceType: 'Patient', id, identifier };
        const put = await fhir.put(`Patient/${id}`, body);
        expect([put.status, put.headers.get('etag')]).toEqual([version === 1 ? 201 : 200, `W/"${version}"`]);
        const [read, found, former, history] = await Promise.all([
          fhir.get(`Patient/${id}`),
          fhir.get(`Patient?identifier=urn:run|${number}-${version}`),
          fhir.get(`Patient?identifier=urn:run|${number}-${version - 1}`),
          fhir.get(`Patient/${id}/_history?_count=1`),
        ]);
        expect(read.text).toBe(put.text);
        expect(seq(read)).toBeGreaterThanOrEqual(seq(put));
        expect([found.json().total, former.json().total, history.json().total]).toEqual([1, 0, version]);
      }
    };
    await Promise.all(Array.from({ length: WRITERS }, (_, number) => writer(number)));
  });

  it('one version of a record is given once: all but one of those who hold the same ETag are refused', async () => {
    for (let round = 1; round <= 10; round += 1) {
      const body = (writer: number): object => ({
        resourceType: 'Patient',
        id: 'one',
        identifier: [{ value: `${round}.${writer}` }],
      });
      const condition: Record<string, string> =
        round === 1 ? { 'If-None-Match': '*' } : { 'If-Match': `W/"${round - 1}"` };
      const answers = await Promise.all(
        Array.from({ length: WRITERS }, (_, writer) => fhir.put('Patient/one', body(writer), condition)),
      );
      const statuses = answers.map(({ status }) => status).sort();
      expect(statuses).toEqual([round === 1 ? 201 : 200, ...Array.from({ length: WRITERS - 1 }, () => 412)]);
    }
  });

  it('a conditional create makes one record', async () => {
    for (let round = 0; round < 5; round += 1) {
      const body = { resourceType: 'Patient', identifier: [{ system: 'urn:once', value: String(round) }] };
      const condition = { 'If-None-Exist': `identifier=urn:once|${round}` };
      const answers = await Promise.all(Array.from({ length: WRITERS }, () => fhir.post('Patient', body, condition)));
      expect(answers.filter(({ status }) => status === 201).length).toBe(1);
      expect(new Set(answers.map(({ headers }) => headers.get('location'))).size).toBe(1);
    }
  });
});

function seq({ headers }: { headers: Headers }): number {
  return Number(headers.get('chartledger-position')!.split(':')[1]);
}
