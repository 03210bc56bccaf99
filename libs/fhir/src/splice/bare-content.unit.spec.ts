import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bareContent, sameContent } from './bare-content.js';
import { splice, type Edits } from './splice.js';

const none = { references: [] };
const edits: Edits = { id: 'x', versionId: '1', lastUpdated: '2024-01-01T00:00:00Z', references: [] };

function same(a: string, b: string): boolean {
  return sameContent(Buffer.from(a), none, Buffer.from(b), none);
}

describe('sameContent', () => {
  const plain = '{"resourceType":"Basic","code":{"text":"a b"}}';

  it.each([
    ['whitespace between', ' {"resourceType" :\n"Basic",\t"code":{ "text":"a b" }}\r\n'],
    ['an id', '{"resourceType":"Basic","id":"a","code":{"text":"a b"}}'],
    ['an id in another place', '{"id":"a","resourceType":"Basic","code":{"text":"a b"}}'],
    [
      'what the server sets in meta',
      '{"resourceType":"Basic","meta":{"versionId":"1","lastUpdated":"x"},"code":{"text":"a b"}}',
    ],
    ['an empty meta at the end', '{"resourceType":"Basic","code":{"text":"a b"}, "meta" : { } , "id":"1"}'],
    ['the escape of a name', '{"resourceType":"Basic","i\\u0064":"a","code":{"text":"a b"}}'],
  ])('is blind to %s', (_, other) => {
    expect(same(plain, other)).toBe(true);
  });

  it.each([
    ['whitespace in a string', '{"resourceType":"Basic","code":{"text":"a  b"}}'],
    ['another value', '{"resourceType":"Basic","code":{"text":"a c"}}'],
    ['the order of members', '{"code":{"text":"a b"},"resourceType":"Basic"}'],
    ['how a string is escaped', '{"resourceType":"Basic","code":{"text":"a\\u0020b"}}'],
    ['more members', '{"resourceType":"Basic","code":{"text":"a b"},"language":"en"}'],
    ['the rest of meta', '{"resourceType":"Basic","meta":{"versionId":"1","source":"s"},"code":{"text":"a b"}}'],
    ['an id below the top', '{"resourceType":"Basic","code":{"id":"a","text":"a b"}}'],
  ])('sees %s', (_, other) => {
    expect(same(plain, other)).toBe(false);
  });

  it('sees how a number was written', () => {
    expect(same('{"a":1.50}', '{"a":1.5}')).toBe(false);
  });

  it('compares references as they were resolved', () => {
    const a = '{"resourceType":"Basic","subject":{"reference":"urn:uuid:1"},"code":{"text":"a"}}';
    const b = '{"resourceType":"Basic", "subject":{"reference": "Patient/ä"},"code":{"text":"a"}}';
    const at = a.indexOf('"urn:uuid:1"');
    const resolved = (value: string): Pick<Edits, 'references'> => ({ references: [[at, 12, value]] });
    expect(sameContent(Buffer.from(a), resolved('Patient/ä'), Buffer.from(b), none)).toBe(true);
    expect(sameContent(Buffer.from(a), resolved('Patient/2'), Buffer.from(b), none)).toBe(false);
    expect(same(a, b)).toBe(false);
  });

  it('holds between a text, itself, itself with whitespace, and what was served of it', () => {
    const name = fc.string().filter((it) => it !== 'meta' && it !== 'id');
    const members = fc.dictionary(name, fc.jsonValue({ maxDepth: 4 }), { noNullPrototype: true });
    fc.assert(
      fc.property(members, (rest) => {
        const resource = { resourceType: 'Basic', ...rest, meta: { tag: [{ code: 'a' }] } };
        const text = JSON.stringify(resource);
        expect(same(text, text)).toBe(true);
        expect(same(text, JSON.stringify(resource, null, 2))).toBe(true);
        expect(same(text, splice(Buffer.from(text), edits).toString())).toBe(true);
        expect(bareContent(Buffer.from(text), []).toString()).toBe(text);
      }),
      { numRuns: 500 },
    );
  });
});
