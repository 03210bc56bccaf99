import { describe, expect, it } from '@jest/globals';
import { leafHash, sha256 } from '@chartledger/ledger';
import { type OpenedEntry } from '@chartledger/projection';
import { coveringEach } from './checkpoint-directory.js';
import { recordLineage, type RecordLineage } from './record-lineage.js';
import { CHAIN, provenanceOf, SOURCE, Story } from './story.fixture.js';

const record = { source: SOURCE, type: 'Patient', id: '1' };

function lineageOf(story: Story): RecordLineage {
  const isOf = (type: string) => (entry: OpenedEntry) => entry.envelope.type === type;
  const custody = story.entries.filter(isOf('Patient'));
  const position = story.entries.length - 1;
  return recordLineage(record, { chain: CHAIN, position }, custody, story.entries.filter(isOf('Provenance')), []);
}

function provenanceIds(story: Story): string[][] {
  return lineageOf(story).versions.map(({ provenance }) => provenance.map(({ id }) => id));
}

describe('the lineage of a record', () => {
  it('says what stands in the envelope, and what was received', () => {
    const story = new Story();
    const submission = story.submit('feed-1', { record: 'Patient/1', version: 1, resource: { gender: 'female' } });
    const { stored, envelope, content } = story.entries[0];
    expect(lineageOf(story)).toEqual({
      record,
      asOf: { '1': 0 },
      versions: [
        {
          version: 1,
          kind: 'fhir.create',
          position: '1:0',
          time: '2024-03-01T08:00:00.000Z',
          submission,
          part: 0,
          parts: 1,
          actor: 'feed-1',
          prev: '0'.repeat(64),
          leaf: leafHash(stored.envelope).toString('hex'),
          payload: { sha256: envelope.payload.sha256, bytes: envelope.payload.bytes },
          received: { sha256: sha256(content!.text).toString('hex'), bytes: content!.text.length },
          request: { method: 'PUT', url: 'Patient/1' },
          provenance: [],
          checkpoint: null,
        },
      ],
    });
  });

  it('has nothing received for a confirmation, a deletion, and where the key was destroyed', () => {
    const story = new Story();
    story.submit('feed-1', { record: 'Patient/1', version: 1, isUnreadable: true });
    story.submit('feed-1', { record: 'Patient/1', version: 1, kind: 'fhir.confirm' });
    story.submit('feed-1', { record: 'Patient/1', version: 2, kind: 'fhir.delete' });
    const { versions } = lineageOf(story);
    expect(versions.map(({ received }) => received)).toEqual([null, null, null]);
    expect(versions.map(({ request }) => request === null)).toEqual([true, false, false]);
  });

  it('gives a Provenance to the version of its own submission, wherever it stands there', () => {
    const story = new Story();
    story.submit(
      'feed-1',
      { record: 'Provenance/a', version: 1, resource: provenanceOf(['Patient/1']) },
      { record: 'Patient/1', version: 1 },
    );
    story.submit(
      'feed-1',
      { record: 'Patient/1', version: 2 },
      { record: 'Provenance/b', version: 1, resource: provenanceOf(['Patient/1']) },
    );
    expect(provenanceIds(story)).toEqual([['a'], ['b']]);
  });

  it('gives one that came later to the version that it names, or else the one current then', () => {
    const story = new Story();
    story.submit('feed-1', { record: 'Patient/1', version: 1 });
    story.submit('feed-1', { record: 'Patient/1', version: 2 });
    story.submit('feed-1', { record: 'Provenance/a', version: 1, resource: provenanceOf(['Patient/1']) });
    story.submit('feed-1', { record: 'Provenance/b', version: 1, resource: provenanceOf(['Patient/1/_history/1']) });
    story.submit('feed-1', { record: 'Patient/1', version: 3 });
    story.submit('feed-1', { record: 'Patient/1', version: 3, kind: 'fhir.confirm' });
    expect(provenanceIds(story)).toEqual([['b'], ['a'], [], []]);
  });

  it('leaves out a Provenance that has the record only as agent, or cannot be read', () => {
    const story = new Story();
    story.submit(
      'feed-1',
      { record: 'Patient/1', version: 1 },
      { record: 'Provenance/a', version: 1, resource: provenanceOf(['Observation/1'], 'Patient/1') },
      { record: 'Provenance/b', version: 1, resource: provenanceOf(['Patient/1']), isUnreadable: true },
    );
    expect(provenanceIds(story)).toEqual([[]]);
  });

  it('names who took part by reference, not by name', () => {
    const story = new Story();
    story.submit(
      'feed-1',
      { record: 'Patient/1', version: 1 },
      { record: 'Provenance/a', version: 1, resource: provenanceOf(['Patient/1']) },
    );
    expect(lineageOf(story).versions[0].provenance).toEqual([
      {
        source: SOURCE,
        type: 'Provenance',
        id: 'a',
        version: 1,
        position: '1:1',
        recorded: '2024-03-01T07:59:00.000Z',
        agents: [{ type: 'author', who: 'Practitioner/dr' }],
      },
    ]);
  });
});

describe('coveringEach', () => {
  const signed = [4, 10].map((size) => ({ size, time: `at ${size}` }));

  it('finds the first checkpoint over each entry with one question for each checkpoint', async () => {
    const asked: number[] = [];
    const covering = async (_chain: number, seq: number): Promise<(typeof signed)[number] | undefined> => {
      asked.push(seq);
      return signed.find(({ size }) => size > seq);
    };
    const found = await coveringEach({ covering }, CHAIN, [0, 3, 4, 9, 10, 11]);
    expect(found.map((checkpoint) => checkpoint?.size)).toEqual([4, 4, 10, 10, undefined, undefined]);
    expect(asked).toEqual([0, 4, 10]);
  });
});
