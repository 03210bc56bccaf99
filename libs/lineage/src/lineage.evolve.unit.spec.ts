import { describe, expect, it } from '@jest/globals';
import { NO_FACTS, type ProjectedEntry } from '@chartledger/projection';
import { Tokens } from '@chartledger/security';
import { evolveLineage, type LineageRows } from './lineage.evolve.js';
import { clientToken, pointerToken } from './lineage-tokens.js';
import { SOURCE, Story } from './story.fixture.js';

const tokens = new Tokens(Buffer.alloc(32, 7));

/** Two submissions: a patient with an observation and a Provenance, and then an organization. */
function projected(): ProjectedEntry[] {
  const story = new Story();
  story.submit(
    'feed-1',
    { record: 'Patient/1', version: 1 },
    { record: 'Observation/1', version: 1 },
    { record: 'Provenance/1', version: 1 },
  );
  story.submit('feed-2', { record: 'Organization/1', version: 1 });
  const facts = [
    NO_FACTS,
    { ...NO_FACTS, references: ['Patient/1'] },
    { ...NO_FACTS, references: ['Patient/1', 'Practitioner/dr'], targets: ['Patient/1'] },
    NO_FACTS,
  ];
  return story.entries.map(({ stored, envelope, content }, index) => ({
    seq: stored.seq,
    time: Date.parse(envelope.time),
    envelope,
    id: content?.header.id,
    facts: facts[index],
  }));
}

function slices(rows: LineageRows): Record<number, string[]> {
  return Object.fromEntries(
    rows.seq.map((seq, row) => [seq, rows.tokens.slice(rows.tokensFrom[row] - 1, rows.tokensTo[row])]),
  );
}

describe('evolveLineage', () => {
  it('points each entry to what it refers to, and the first of a submission to its client', () => {
    const patient = pointerToken(tokens, 'lineage', SOURCE, 'Patient/1');
    expect(slices(evolveLineage(tokens, projected()))).toEqual({
      0: [clientToken(tokens, 'feed-1')],
      1: [patient],
      2: [
        patient,
        pointerToken(tokens, 'lineage', SOURCE, 'Practitioner/dr'),
        pointerToken(tokens, 'provenance', SOURCE, 'Patient/1'),
      ],
      3: [clientToken(tokens, 'feed-2')],
    });
  });

  it('leaves out an entry that points to nothing', () => {
    const [, observation] = projected();
    expect(evolveLineage(tokens, [{ ...observation, facts: NO_FACTS }]).seq).toEqual([]);
  });

  it('gives the same rows however the entries are cut into batches', () => {
    const entries = projected();
    const whole = slices(evolveLineage(tokens, entries));
    const parts = entries.map((entry) => slices(evolveLineage(tokens, [entry])));
    expect(Object.assign({}, ...parts)).toEqual(whole);
  });

  it('keeps the records of two sources apart', () => {
    expect(pointerToken(tokens, 'lineage', 'st-mary', 'Patient/1')).not.toEqual(
      pointerToken(tokens, 'lineage', 'st-luke', 'Patient/1'),
    );
  });
});
