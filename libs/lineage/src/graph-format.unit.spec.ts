import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { sharedFolder } from '@chartledger/testing';
import { graphAnswer, type Graph } from './graph.js';
import { expandBy } from './graph-expand.js';
import { withOrigins } from './graph-origins.js';
import { recordNode } from './graph-steps.js';
import { walk } from './graph-walk.js';
import { readLineageEntry } from './lineage-entry.js';
import { ANONYMOUS } from '@chartledger/platform';
import { MemoryLookups, NO_REPORTS } from './memory-lookups.fixture.js';
import { toMermaid } from './mermaid.js';
import { toOpenLineage } from './openlineage.js';
import { toProvJson } from './prov-json.js';
import { CHAIN, observationOf, provenanceOf, SOURCE, Story } from './story.fixture.js';

const CLIENT = 'feed "1"; drop';

/** The graph around a patient's second version, and the ids of its submissions. */
async function sample(): Promise<{ graph: Graph; submissions: string[]; lookups: MemoryLookups }> {
  const story = new Story();
  const submissions = [
    story.submit(CLIENT, { record: 'Patient/1', version: 1 }),
    story.submit(
      CLIENT,
      { record: 'Patient/1', version: 2 },
      { record: 'Provenance/1', version: 1, resource: provenanceOf(['Patient/1']) },
    ),
    story.submit(CLIENT, { record: 'Observation/1', version: 1, resource: observationOf('Patient/1') }),
    story.submit(CLIENT, { record: 'Patient/1', version: 2, kind: 'fhir.confirm' }),
  ];
  const lookups = new MemoryLookups(story);
  const start = recordNode(CHAIN, { source: SOURCE, type: 'Patient', id: '1' }, readLineageEntry(story.entries[1]));
  const found = await walk(
    start,
    { ways: ['up', 'down'], depth: 2, maxNodes: 100 },
    expandBy(lookups, ANONYMOUS, NO_REPORTS),
  );
  return { graph: { ...found, asOf: new Map([[CHAIN, 4]]) }, submissions, lookups };
}

describe('the answer as JSON', () => {
  it('has a label for people, and where each node stands', async () => {
    const { graph, submissions } = await sample();
    const { asOf, nodes, truncated } = graphAnswer(graph);
    expect({ asOf, truncated }).toEqual({ asOf: { '1': 4 }, truncated: false });
    expect(nodes.slice(0, 2)).toEqual([
      {
        id: 'record:st-mary/Patient/1/2',
        kind: 'record',
        label: 'Patient/1 version 2 of st-mary',
        position: '1:1',
        time: '2024-03-01T08:00:01.000Z',
      },
      {
        id: `submission:${submissions[1]}`,
        kind: 'submission',
        label: `submission of 2 records by ${CLIENT}`,
        position: '1:1',
        time: '2024-03-01T08:00:01.000Z',
      },
    ]);
    expect(nodes.find(({ kind }) => kind === 'client')).toMatchObject({ position: null, time: null });
  });
});

describe('PROV-JSON', () => {
  it('declares every name that a relation uses', async () => {
    const { graph } = await sample();
    const { prefix, ...document } = toProvJson(graph);
    const declared = ['entity', 'activity', 'agent'].flatMap((kind) => Object.keys(document[kind]));
    expect(declared).toHaveLength(graph.nodes.length);
    for (const name of declared) expect(Object.keys(prefix)).toContain(name.slice(0, name.indexOf(':')));
    for (const [kind, statements] of Object.entries(document)) {
      if (['entity', 'activity', 'agent'].includes(kind)) continue;
      for (const statement of Object.values(statements)) {
        const ends = Object.entries(statement).filter(([key]) => RELATION_ENDS.has(key));
        expect(ends).toHaveLength(2);
        for (const [, name] of ends) expect(declared).toContain(name);
      }
    }
  });

  it('says who a version came from, what made it and what it revises', async () => {
    const { graph, submissions } = await sample();
    const document = toProvJson(graph) as Record<string, Record<string, object>>;
    const client = 'client:feed%20%221%22%3B%20drop';
    const entity = 'record:st-mary/Patient/1/2';
    expect(Object.values(document['wasAttributedTo'])).toContainEqual({ 'prov:entity': entity, 'prov:agent': client });
    expect(Object.values(document['wasGeneratedBy'])).toContainEqual({
      'prov:entity': entity,
      'prov:activity': `submission:${submissions[1]}`,
      'prov:time': '2024-03-01T08:00:01.000Z',
      'chartledger:position': '1:1',
    });
    expect(Object.values(document['wasDerivedFrom'])).toEqual([
      {
        'prov:generatedEntity': entity,
        'prov:usedEntity': 'record:st-mary/Patient/1/1',
        'prov:type': { $: 'prov:Revision', type: 'prov:QUALIFIED_NAME' },
        'chartledger:position': '1:1',
      },
    ]);
  });
});

const RELATION_ENDS = new Set(
  ['entity', 'activity', 'agent', 'generatedEntity', 'usedEntity', 'influencee', 'influencer'].map(
    (end) => `prov:${end}`,
  ),
);

describe('OpenLineage', () => {
  it('has a run for each submission, with what it made and what that builds on', async () => {
    const { graph, submissions, lookups } = await sample();
    const events = toOpenLineage(await withOrigins(graph, lookups));
    const complete = events.filter(({ eventType }) => eventType === 'COMPLETE');
    expect(events).toHaveLength(2 * submissions.length);
    const names = (runId: string): { inputs: string[]; outputs: string[] } => {
      const { inputs, outputs } = complete.find(({ run }) => run.runId === runId)!;
      const name = ({ name, facets }: (typeof inputs)[number]): string =>
        `${name}/${String(facets.version['datasetVersion'])}`;
      return { inputs: inputs.map(name), outputs: outputs.map(name) };
    };
    expect(submissions.map(names)).toEqual([
      { inputs: [], outputs: ['Patient/1/1'] },
      { inputs: ['Patient/1/1'], outputs: ['Patient/1/2', 'Provenance/1/1'] },
      { inputs: ['Patient/1/2'], outputs: ['Observation/1/1'] },
      { inputs: ['Patient/1/2'], outputs: [] },
    ]);
  });

  const shared = sharedFolder();
  (shared ? it : it.skip)('is valid against the schema', async () => {
    const read = (...path: string[]): object =>
      JSON.parse(readFileSync(join(shared!, 'vectors/openlineage', ...path), 'utf8')) as object;
    const ajv = new Ajv2020({ strict: false });
    addFormats.default(ajv);
    ajv.addSchema(read('facets/DatasetVersionDatasetFacet.json'));
    const isEvent = ajv.compile(read('OpenLineage.json'));
    const isVersion = ajv.getSchema(
      'https://openlineage.io/spec/facets/1-0-1/DatasetVersionDatasetFacet.json#/$defs/DatasetVersionDatasetFacet',
    )!;
    const { graph, lookups } = await sample();
    for (const event of toOpenLineage(await withOrigins(graph, lookups))) {
      expect([isEvent(event), isEvent.errors]).toEqual([true, null]);
      for (const { facets } of [...event.inputs, ...event.outputs]) expect(isVersion(facets.version)).toBe(true);
    }
  });
});

describe('Mermaid', () => {
  it('is a flowchart in which no id can break out of its label', async () => {
    const { graph } = await sample();
    const lines = toMermaid(graph).trimEnd().split('\n');
    expect(lines.slice(0, 3)).toEqual([
      'flowchart LR',
      '%% as of 1:4',
      '  n0["Patient/1 version 2 of st-mary<br/>1:1"]',
    ]);
    expect(lines).toContain('  n6(["feed #34;1#34;#59; drop"])');
    expect(lines).toContain('  n1 -->|contained| n0');
    expect(lines).toHaveLength(2 + graph.nodes.length + graph.edges.length);
  });
});
