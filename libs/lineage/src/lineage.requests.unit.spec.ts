import { describe, expect, it } from '@jest/globals';
import { type Query } from '@chartledger/platform';
import { parseGraphQuestion, parseAsOf } from './lineage.requests.js';

const node = 'record:st-mary/Patient/p.1/3';

describe('a question for a graph', () => {
  it('has defaults', () => {
    expect(parseGraphQuestion({ node })).toEqual({
      node: { kind: 'record', source: 'st-mary', type: 'Patient', id: 'p.1', version: 3 },
      ways: ['up', 'down'],
      depth: 2,
      asOf: undefined,
      format: 'json',
    });
  });

  it('names a node by its id', () => {
    const submission = '0F8FAD5B-D9CB-469F-A165-70867728950E';
    expect(parseGraphQuestion({ node: `submission:${submission}` }).node).toEqual({
      kind: 'submission',
      submission: submission.toLowerCase(),
    });
    expect(parseGraphQuestion({ node: 'client:feed: one' }).node).toEqual({ kind: 'client', client: 'feed: one' });
    expect(parseGraphQuestion({ node: 'record:st-mary/Patient/1' }).node).toMatchObject({ version: undefined });
    const person = { kind: 'record', source: 'chartledger', type: 'Person', id: 'a-1' };
    expect(parseGraphQuestion({ node: 'person:a-1/2' }).node).toEqual({ ...person, version: 2 });
    expect(parseGraphQuestion({ node: 'person:a-1' }).node).toEqual({ ...person, version: undefined });
  });

  it.each<[Query, RegExp]>([
    [{}, /^node is missing/],
    [{ node: 'Patient/1' }, /^node must be/],
    [{ node: 'record:st-mary/Patient/1/0' }, /^node must be/],
    [{ node: 'record:st-mary/Patient/a b' }, /^node must be/],
    [{ node: 'submission:1' }, /^node must be/],
    [{ node: 'client:' }, /^node must be/],
    [{ node: 'person:a b' }, /^node must be/],
    [{ node: 'view:active' }, /^lineage of a view is not kept in this version/],
    [{ node: [node, node] }, /^node must be given once/],
    [{ node, direction: 'constructor' }, /^direction must be/],
    [{ node, depth: '11' }, /^depth must be/],
    [{ node, depth: '-1' }, /^depth must be/],
    [{ node, format: 'svg' }, /^format must be/],
    [{ node, _asOf: '1:2' }, /it takes node, direction, depth, asOf, format$/],
  ])('refuses %j', (query, message) => {
    expect(() => parseGraphQuestion(query)).toThrow(message);
  });
});

describe('a question for a record', () => {
  it('takes asOf and refuses what it would have to ignore', () => {
    expect(parseAsOf({ asOf: '1:2' })).toBe('1:2');
    expect(parseAsOf({})).toBeUndefined();
    expect(() => parseAsOf({ _asOf: '1:2' })).toThrow(/it takes asOf$/);
  });
});
