import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { http, type HttpAnswer, startTestServer, type TestServer } from '@chartledger/testing';

interface Case {
  name: string;
  request: {
    method: string;
    path: string;
    headers?: Record<string, string>;
    body?: string;
    bodyHex?: string;
    bodyRepeat?: { before: string; text: string; times: number; after: string };
    gzip?: boolean;
  };
  expect: { status: number; expression?: string };
}

const CASES = join(dirname(fileURLToPath(import.meta.url)), '../cases/bad-input.json');
const { groups } = JSON.parse(readFileSync(CASES, 'utf8')) as { groups: { subject: string; cases: Case[] }[] };

interface Outcome {
  resourceType: string;
  issue: { severity: string; code: string; diagnostics: string; expression?: string[] }[];
}

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ CHARTLEDGER_MAX_BODY_BYTES: String(1024 * 1024) });
  await http(`${server.url}/sources`, { method: 'POST', body: '{"name":"clinic"}' });
});
afterAll(() => server.remove());

describe.each(groups)('bad input: $subject', ({ cases }) => {
  it.each(cases)('$name', async ({ request, expect: expected }) => {
    const before = await heads();
    const answer = await send(request);
    expect([answer.status, answer.text]).toEqual([expected.status, expect.any(String)]);
    expect(answer.headers.get('content-type')).toMatch(/^application\/fhir\+json/);
    expect(answer.headers.get('x-request-id')).toMatch(/.+/);
    const { resourceType, issue } = answer.json<Outcome>();
    expect(resourceType).toBe('OperationOutcome');
    for (const { severity, code, diagnostics } of issue) {
      expect(['error', 'fatal']).toContain(severity);
      expect(code).toMatch(/^[a-z-]+$/);
      expect(diagnostics.length).toBeGreaterThan(10);
    }
    if (expected.expression) expect(issue.flatMap((one) => one.expression ?? [])).toContain(expected.expression);
    expect(await heads()).toEqual(before);
  });
});

function send({ method, path, headers, body, bodyHex, bodyRepeat, gzip }: Case['request']): Promise<HttpAnswer> {
  const plain = bodyHex
    ? Buffer.from(bodyHex, 'hex')
    : bodyRepeat
      ? Buffer.from(bodyRepeat.before + bodyRepeat.text.repeat(bodyRepeat.times) + bodyRepeat.after)
      : body;
  const type: Record<string, string> = plain === undefined ? {} : { 'Content-Type': 'application/fhir+json' };
  const encoding: Record<string, string> = gzip ? { 'Content-Encoding': 'gzip' } : {};
  return http(path === '' ? `${server.url}/fhir/clinic` : `${server.url}/fhir/clinic/${path}`, {
    method,
    headers: { ...type, ...encoding, ...headers },
    body: gzip ? gzipSync(plain!) : plain,
  });
}

/** Where each chain ends: the server answers, and nothing was written. */
async function heads(): Promise<string[]> {
  const chains = (await http(`${server.url}/ledger/chains`)).json<{ size: number; head: string }[]>();
  return chains.map(({ size, head }) => `${size} ${head}`);
}
