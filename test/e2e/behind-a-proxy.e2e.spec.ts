import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { http, startTestServer, type TestServer } from '@chartledger/testing';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await http(`${server.url}/sources`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: 'st-mary' }),
  });
});
afterAll(() => server.remove());

describe('behind a proxy on this machine', () => {
  it.each([
    ['https', { 'X-Forwarded-Proto': 'https' }],
    ['http', {}],
  ])('links are %s where the client came so', async (scheme, headers) => {
    const answer = await http(`${server.url}/fhir/st-mary/Patient/${scheme}`, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/fhir+json', ...headers },
      body: JSON.stringify({ resourceType: 'Patient', id: scheme }),
    });
    expect(answer.status).toBe(201);
    const { host } = new URL(server.url);
    expect(answer.headers.get('Location')).toBe(`${scheme}://${host}/fhir/st-mary/Patient/${scheme}/_history/1`);
  });
});
