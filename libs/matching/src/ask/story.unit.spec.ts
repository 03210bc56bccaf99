import { expect, it } from '@jest/globals';
import { type ModelEvidence, type PersonDecision } from '../persons/person-entries.js';
import { type PersonEntry } from '../persons/persons-reader.js';
import { storyOf } from './story.js';

const EVIDENCE: ModelEvidence = {
  model: 'm1',
  thresholds: { link: 3_000, review: -5_000 },
  records: ['a/Patient/1', 'b/Patient/2'].map((name, at) => ({ name, position: `1:${at}` })),
  candidates: 2,
  pairs: [
    {
      left: 0,
      right: 1,
      pattern: 7,
      score: 8_100,
      prior: -900,
      weights: [
        ['sex', 'exact', 1_000],
        ['family', 'exact', 8_000],
      ],
    },
  ],
  pairsFound: 1,
  rulings: [],
  clusters: [[0, 1]],
};
const entry = (
  seq: number,
  version: number,
  decision: Partial<PersonDecision> | undefined,
  more: object = {},
): PersonEntry => ({
  position: `0:${seq}`,
  version,
  kind: 'person.link',
  by: 'model',
  actor: 'matcher',
  time: '2026-01-01T00:00:00.000Z',
  submission: 's',
  part: 0,
  parts: 1,
  decision: decision && { basis: '1:1', added: [], removed: [], from: [], to: [], ...decision },
  ...more,
});

it('tells births, links with their weights, absorption, what stewards decided and what was taken back, in order', () => {
  const link = entry(12, 2, { added: ['b/Patient/2'], from: ['Q'], evidenceAt: 0 });
  const steward = { kind: 'unlink' as const, reason: 'two sisters' };
  const told = storyOf(
    [
      {
        person: 'P',
        entries: [
          entry(3, 1, { added: ['a/Patient/1'] }),
          link,
          entry(
            20,
            3,
            { removed: ['b/Patient/2'], to: ['R'], steward },
            { by: 'steward', actor: 'jo', undone: '0:31' },
          ),
          entry(40, 4, undefined),
        ],
      },
      { person: 'Q', entries: [entry(13, 2, { to: ['P'] })] },
    ],
    new Map([[link, EVIDENCE]]),
  );
  expect(told.map(({ words }) => words)).toEqual([
    'P was born with a/Patient/1',
    'b/Patient/2 came to P from Q, because a/Patient/1 and b/Patient/2 have +8.1 bits, at or above +3.0: family exact +8.0, sex exact +1.0 (model m1)',
    'Q was absorbed into P',
    'b/Patient/2 left P for R, because jo decided so (unlink): two sisters; taken back at 0:31',
    "person.link: the entry's key was destroyed, and with it what it says",
  ]);
  expect(told[1].decision!.evidence).toBe(EVIDENCE);
});
