import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { eventually, registerSource, startTestServer, type TestServer } from '@chartledger/testing';

interface Span {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
}
interface Export {
  resourceSpans: { resource: { attributes: unknown[] }; scopeSpans: { spans: Span[] }[] }[];
}

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

/** Takes spans as a collector does: OTLP over HTTP, in JSON. */
const spans: Span[] = [];
let collector: Server;
let server: TestServer;
beforeAll(async () => {
  collector = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { resourceSpans } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Export;
      spans.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)));
      response.setHeader('Content-Type', 'application/json').end('{}');
    })();
  }).listen(0, '127.0.0.1');
  await once(collector, 'listening');
  const { port } = collector.address() as AddressInfo;
  server = await startTestServer({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` });
});
afterAll(async () => {
  await server.stop();
  collector.closeAllConnections();
  collector.close();
});

describe('a server with a collector', () => {
  it('sends one connected trace of a PUT', async () => {
    const fhir = await registerSource(server.url, { name: 'clinic' });
    const patient = { resourceType: 'Patient', id: 'p1' };
    const answer = await fhir.put('Patient/p1', patient, { traceparent: `00-${TRACE}-00f067aa0ba902b7-01` });
    expect(answer.status).toBe(201);
    await eventually('the span of a view', () =>
      spans.some(({ name, traceId }) => name === 'project' && traceId === TRACE),
    );
    const ours = spans.filter(({ traceId }) => traceId === TRACE);
    expect(new Set(ours.map(({ name }) => name))).toEqual(
      new Set(['ingest', 'ingest prepare', 'sequence', 'sequence group', 'append', 'project']),
    );
    const ids = new Set(['00f067aa0ba902b7', ...ours.map(({ spanId }) => spanId)]);
    for (const { parentSpanId } of ours) expect(ids).toContain(parentSpanId);
  });
});
