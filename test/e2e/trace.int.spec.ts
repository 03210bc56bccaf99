import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  AlwaysOnSampler,
  InMemorySpanExporter,
  ParentBasedSampler,
  type ReadableSpan,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import express, { type Request } from 'express';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { IngestService, PrepareThread } from '@chartledger/ingest';
import { ANONYMOUS, observeRequests, requestId, traceWith } from '@chartledger/platform';
import {
  eventually,
  http,
  openStages,
  startTestDatabase,
  type TestDatabase,
  type TestStages,
} from '@chartledger/testing';

const FAMILY = 'Chalmers';

let database: TestDatabase;
let stages: TestStages;
let server: Server;
let url: string;
const exporter = new InMemorySpanExporter();
const provider = new TracerProvider({
  sampler: new ParentBasedSampler({ root: new AlwaysOnSampler() }),
  spanProcessors: [new SimpleSpanProcessor({ exporter })],
});

beforeAll(async () => {
  database = await startTestDatabase();
  stages = await openStages(await database.another(), database.dataDir);
  const { source, logger, metrics, submit } = stages;
  const ingest = new IngestService({ get: async () => source }, new PrepareThread(logger), submit, Buffer.alloc(32));
  const app = express();
  app.use(requestId, observeRequests(metrics), express.raw({ type: () => true }));
  app.put('/fhir/clinic/Patient/:id', async (request: Request<{ id: string }>, response) => {
    const { id } = request.params;
    const asked = { kind: 'resource', method: 'PUT', type: 'Patient', id, url: `Patient/${id}` } as const;
    const conditions = { ifMatch: undefined, ifNoneMatch: undefined, ifNoneExist: undefined };
    const { 'x-request-id': requestId, traceparent } = request.headers as Record<string, string>;
    await ingest.ingest(ANONYMOUS, 'clinic', { ...asked, ...conditions }, request.body as Buffer, {
      requestId,
      idempotencyKey: undefined,
      traceparent,
    });
    response.status(201).end();
  });
  app.get('/lineage/:id', (_request, response) => void response.status(200).end());
  server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  traceWith(undefined);
  server.closeAllConnections();
  server.close();
  await provider.shutdown();
  await stages.stop();
  await database.stop();
});
beforeEach(() => {
  traceWith(provider.getTracer('test'));
  exporter.reset();
});

function put(id: string, headers: Record<string, string> = {}): Promise<{ status: number }> {
  const body = JSON.stringify({ resourceType: 'Patient', id, name: [{ family: FAMILY }] });
  return http(`${url}/fhir/clinic/Patient/${id}`, { method: 'PUT', headers, body });
}

/** The spans of so many requests, to the last. */
async function spans(requests: number): Promise<ReadableSpan[]> {
  await Promise.all(stages.views.all().map((view) => view.reached(view.feed.head)));
  await eventually('the end of every request', () => named('ingest').length === requests);
  return exporter.getFinishedSpans();
}

const named = (name: string): ReadableSpan[] => exporter.getFinishedSpans().filter((span) => span.name === name);

describe('a POST', () => {
  it('makes one trace to the projected rows, below the one of its client', async () => {
    const traceId = randomUUID().replaceAll('-', '');
    const client = '00f067aa0ba902b7';
    await put('p1', { traceparent: `00-${traceId}-${client}-01` });
    const all = await spans(1);
    expect(all.map((span) => span.name).sort()).toEqual(
      ['append', 'ingest', 'ingest prepare', 'project', 'project', 'sequence', 'sequence group'].sort(),
    );
    expect(new Set(all.map((span) => span.spanContext().traceId))).toEqual(new Set([traceId]));
    const parents: Record<string, string> = {
      'ingest prepare': 'ingest',
      sequence: 'ingest',
      'sequence group': 'sequence',
      append: 'sequence group',
      project: 'sequence group',
    };
    const byId = new Map(all.map((span) => [span.spanContext().spanId, span.name]));
    for (const { name, parentSpanContext } of all) {
      if (name === 'ingest') expect(parentSpanContext?.spanId).toBe(client);
      else expect(byId.get(parentSpanContext!.spanId)).toBe(parents[name]);
    }
    const [sequence] = named('sequence');
    const submission = sequence.attributes['chartledger.submission'];
    expect(sequence.attributes['chartledger.position']).toBe(`1:${(await stages.ledger.head(1)).seq}`);
    for (const project of named('project')) {
      expect(project.attributes['chartledger.submission']).toEqual([submission]);
    }
  });

  it('has no health information in its spans', async () => {
    await put('mrn-4711');
    for (const { name, attributes, events, status } of await spans(1)) {
      const said = JSON.stringify({ name, attributes, events, status });
      expect(said).not.toMatch(new RegExp(`mrn-4711|${FAMILY}|Patient`));
    }
  });

  it('is refused with a span that says so, and goes no further', async () => {
    const wrong = await http(`${url}/fhir/clinic/Patient/p2`, { method: 'PUT', body: '{"resourceType":"Patient"' });
    expect(wrong.status).toBeGreaterThanOrEqual(400);
    expect((await spans(1)).map((span) => span.name)).toEqual(['ingest prepare', 'ingest']);
  });

  it('is not traced when its client says so, or when nothing is traced', async () => {
    await put('p3', { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00' });
    traceWith(undefined);
    await put('p4');
    await Promise.all(stages.views.all().map((view) => view.reached(view.feed.head)));
    expect(exporter.getFinishedSpans().filter((span) => span.name !== 'project')).toEqual([]);
  });
});

describe('many at once', () => {
  it('are linked with their group both ways, and the group with what was projected', async () => {
    const before = (await stages.ledger.head(1)).seq;
    await Promise.all(Array.from({ length: 40 }, (_, at) => put(`many-${at}`)));
    const all = await spans(40);
    expect((await stages.ledger.head(1)).seq - before).toBe(40);
    const groups = named('sequence group');
    expect(groups.length).toBeLessThan(40);
    const idOf = (span: ReadableSpan): string => span.spanContext().spanId;
    const members = new Map(groups.map((group) => [idOf(group), [group.parentSpanContext!.spanId, ...linksOf(group)]]));
    expect([...members.values()].flat().sort()).toEqual(named('sequence').map(idOf).sort());
    for (const sequence of named('sequence')) {
      const [group] = linksOf(sequence);
      if (group !== undefined) expect(members.get(group)).toContain(idOf(sequence));
      else expect(groups.map((one) => one.parentSpanContext!.spanId)).toContain(idOf(sequence));
    }
    for (const view of new Set(named('project').map(({ attributes }) => attributes['chartledger.view']))) {
      const batches = named('project').filter(({ attributes }) => attributes['chartledger.view'] === view);
      const from = batches.flatMap((batch) => [batch.parentSpanContext!.spanId, ...linksOf(batch)]);
      expect(from.sort()).toEqual(groups.map(idOf).sort());
    }
    expect(all.filter((span) => span.name === 'append')).toHaveLength(groups.length);
  });
});

describe('a read', () => {
  it('is a span of its own, and is measured', async () => {
    await http(`${url}/lineage/p1`);
    await eventually('the span', () => named('query').length === 1);
    expect(named('query')[0].attributes['http.response.status_code']).toBe(200);
    const text = await stages.metrics.registry.metrics();
    expect(text).toContain('chartledger_http_request_seconds_count{stage="query",status="200"} 1');
    expect(text).toMatch(/chartledger_ingest_requests_total\{outcome="accepted"\} 4\d/);
  });
});

function linksOf(span: ReadableSpan): string[] {
  return span.links.map(({ context }) => context.spanId);
}
