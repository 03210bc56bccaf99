import { describe, expect, it } from '@jest/globals';
import { type Way } from './graph.js';
import { expandBy } from './graph-expand.js';
import { nodeId, type GraphNode } from './graph-node.js';
import { clientOf, recordNode, submissionOf } from './graph-steps.js';
import { walk } from './graph-walk.js';
import { readLineageEntry } from './lineage-entry.js';
import { ANONYMOUS } from '@chartledger/platform';
import { MemoryLookups, NO_REPORTS } from './memory-lookups.fixture.js';
import { CHAIN, observationOf, provenanceOf, SOURCE, Story } from './story.fixture.js';

interface Shape {
  nodes: string[];
  edges: string[];
  truncated: boolean;
}

const MANY = 2_000;

async function shapeOf(
  story: Story,
  start: GraphNode,
  way: Way | 'both',
  { depth = 1, maxNodes = MANY, position = story.entries.length - 1 } = {},
): Promise<Shape> {
  const ways: Way[] = way === 'both' ? ['up', 'down'] : [way];
  const expand = expandBy(new MemoryLookups(story, position), ANONYMOUS, NO_REPORTS);
  const { nodes, edges, truncated } = await walk(start, { ways, depth, maxNodes }, expand);
  return {
    nodes: nodes.map((node) => short(nodeId(node))),
    edges: edges.map(({ from, to, kind, position }) => `${short(from)} ${kind} ${short(to)} at ${position}`),
    truncated,
  };
}

function short(id: string): string {
  return id.replace(`record:${SOURCE}/`, '').replace(/^submission:.*/, 'submission');
}

/** The version of the entry at `seq`. */
function recordAt(story: Story, seq: number): GraphNode {
  const entry = readLineageEntry(story.entries[seq]);
  return recordNode(CHAIN, { source: SOURCE, type: entry.type, id: entry.id! }, entry);
}

function submissionAt(story: Story, seq: number): GraphNode {
  return submissionOf(CHAIN, readLineageEntry(story.entries[seq]));
}

/** A transaction with a patient, an observation and a Provenance; then another version of the patient, and one observation. */
function hospital(): Story {
  const story = new Story();
  story.submit(
    'feed-1',
    { record: 'Observation/1', version: 1, resource: observationOf('Patient/1') },
    { record: 'Patient/1', version: 1 },
    { record: 'Provenance/1', version: 1, resource: provenanceOf(['Patient/1', 'Observation/1'], 'Patient/1') },
  );
  story.submit('feed-1', { record: 'Patient/1', version: 2 });
  story.submit('feed-2', { record: 'Observation/2', version: 1, resource: observationOf('Patient/1') });
  story.submit('feed-2', { record: 'Patient/1', version: 2, kind: 'fhir.confirm' });
  return story;
}

describe('the way up', () => {
  it('leads from a version to its submission, what it refers to, and its Provenance', async () => {
    const story = hospital();
    expect(await shapeOf(story, recordAt(story, 0), 'up')).toEqual({
      nodes: ['Observation/1/1', 'submission', 'Patient/1/1', 'Provenance/1/1'],
      edges: [
        'submission contained Observation/1/1 at 1:0',
        'Patient/1/1 referenced Observation/1/1 at 1:0',
        'Provenance/1/1 provenance Observation/1/1 at 1:2',
      ],
      truncated: false,
    });
  });

  it('leads to the version before, and to who sent the same again', async () => {
    const story = hospital();
    const { edges } = await shapeOf(story, recordAt(story, 3), 'up', { depth: 2 });
    expect(edges).toEqual([
      'submission contained Patient/1/2 at 1:3',
      'submission confirmed Patient/1/2 at 1:5',
      'Patient/1/1 revised Patient/1/2 at 1:3',
      'client:feed-1 sent submission at 1:3',
      'client:feed-2 sent submission at 1:5',
      'submission contained Patient/1/1 at 1:1',
      'Provenance/1/1 provenance Patient/1/1 at 1:2',
    ]);
  });

  it('does not call a reference what is a Provenance and its target', async () => {
    const story = hospital();
    const { edges } = await shapeOf(story, recordAt(story, 2), 'up');
    expect(edges).toEqual(['submission contained Provenance/1/1 at 1:2']);
  });
});

describe('the way down', () => {
  it('leads from a version to the next one and to those that refer to it and not to another version', async () => {
    const story = hospital();
    expect((await shapeOf(story, recordAt(story, 1), 'down')).edges).toEqual([
      'Patient/1/1 revised Patient/1/2 at 1:3',
      'Patient/1/1 referenced Observation/1/1 at 1:0',
    ]);
    expect((await shapeOf(story, recordAt(story, 3), 'down')).edges).toEqual([
      'Patient/1/2 referenced Observation/2/1 at 1:4',
    ]);
  });

  it('leads from a Provenance to its targets', async () => {
    const story = hospital();
    expect((await shapeOf(story, recordAt(story, 2), 'down')).edges).toEqual([
      'Provenance/1/1 provenance Patient/1/1 at 1:2',
      'Provenance/1/1 provenance Observation/1/1 at 1:2',
    ]);
  });

  it('leads from a client to its submissions and what they hold', async () => {
    const story = hospital();
    expect((await shapeOf(story, clientOf({ client: 'feed-2' }), 'down', { depth: 2 })).edges).toEqual([
      'client:feed-2 sent submission at 1:4',
      'client:feed-2 sent submission at 1:5',
      'submission contained Observation/2/1 at 1:4',
      'submission confirmed Patient/1/2 at 1:5',
    ]);
  });

  it('follows a reference that names a former version', async () => {
    const story = hospital();
    story.submit('feed-2', {
      record: 'Observation/3',
      version: 1,
      resource: observationOf('Patient/1', 'Observation/1/_history/1'),
    });
    story.submit('feed-2', { record: 'Observation/1', version: 2, resource: observationOf('Patient/1') });
    story.submit('feed-2', {
      record: 'Observation/4',
      version: 1,
      resource: observationOf('Patient/1', 'Observation/1/_history/1'),
    });
    expect((await shapeOf(story, recordAt(story, 0), 'down')).edges).toEqual([
      'Observation/1/1 revised Observation/1/2 at 1:7',
      'Observation/1/1 referenced Observation/3/1 at 1:6',
      'Observation/1/1 referenced Observation/4/1 at 1:8',
    ]);
  });

  it('reads page after page where many refer to one record', async () => {
    const story = new Story();
    story.submit('feed-1', { record: 'Patient/1', version: 1 });
    for (let at = 0; at < 1_100; at++) {
      story.submit('feed-1', { record: `Observation/${at}`, version: 1, resource: observationOf('Patient/1') });
    }
    const whole = await shapeOf(story, recordAt(story, 0), 'down');
    expect(whole).toMatchObject({ truncated: false });
    expect(whole.edges).toHaveLength(1_100);
    const cut = await shapeOf(story, recordAt(story, 0), 'down', { maxNodes: 600 });
    expect(cut).toMatchObject({ truncated: true });
    expect(cut.nodes).toEqual(whole.nodes.slice(0, 600));
  });
});

describe('the walk', () => {
  it('goes up and down from the start, but not down again from what is above it', async () => {
    const story = hospital();
    const { nodes } = await shapeOf(story, recordAt(story, 0), 'both', { depth: 3 });
    expect(nodes).toEqual(['Observation/1/1', 'submission', 'Patient/1/1', 'Provenance/1/1', 'client:feed-1']);
  });

  it('knows nothing later than the position that it is asked at', async () => {
    const story = hospital();
    expect(await shapeOf(story, recordAt(story, 1), 'down', { position: 2, depth: 5 })).toMatchObject({
      edges: ['Patient/1/1 referenced Observation/1/1 at 1:0'],
    });
  });

  it('ends where records refer to each other', async () => {
    const story = new Story();
    story.submit(
      'feed-1',
      { record: 'Observation/1', version: 1, resource: observationOf('Observation/2') },
      { record: 'Observation/2', version: 1, resource: observationOf('Observation/1') },
    );
    expect((await shapeOf(story, recordAt(story, 0), 'down', { depth: 10 })).edges).toEqual([
      'Observation/1/1 referenced Observation/2/1 at 1:1',
      'Observation/2/1 referenced Observation/1/1 at 1:0',
    ]);
  });

  it('gives the start alone at depth 0', async () => {
    const story = hospital();
    expect(await shapeOf(story, submissionAt(story, 0), 'both', { depth: 0 })).toEqual({
      nodes: ['submission'],
      edges: [],
      truncated: false,
    });
  });

  it('cuts a submission that holds more than there is room for, and says so', async () => {
    const story = hospital();
    expect(await shapeOf(story, submissionAt(story, 0), 'down', { maxNodes: 3 })).toMatchObject({
      nodes: ['submission', 'Observation/1/1', 'Patient/1/1'],
      truncated: true,
    });
  });

  it('passes by a version whose data key was destroyed', async () => {
    const story = new Story();
    story.submit('feed-1', { record: 'Patient/1', version: 1 });
    story.submit('feed-1', {
      record: 'Observation/1',
      version: 1,
      resource: observationOf('Patient/1'),
      isUnreadable: true,
    });
    expect((await shapeOf(story, recordAt(story, 0), 'down')).edges).toEqual([]);
  });
});
