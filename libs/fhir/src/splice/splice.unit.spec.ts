import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { scanResource } from '../scan/scan-resource.js';
import { splice, type Edits } from './splice.js';

const edits: Edits = { id: 'new', versionId: '3', lastUpdated: '2024-01-02T03:04:05.678Z', references: [] };
const META = '"versionId":"3","lastUpdated":"2024-01-02T03:04:05.678Z"';

function spliced(received: string, changes: Partial<Edits> = {}): string {
  return splice(Buffer.from(received), { ...edits, ...changes }).toString();
}

describe('splice', () => {
  it.each([
    ['inserts what is absent', '{"resourceType":"Basic"}', `{"resourceType":"Basic","id":"new","meta":{${META}}}`],
    [
      'puts id after resourceType and meta after id, wherever that is',
      '{ "a" : 1.50 , "resourceType" : "Basic" , "b" : [ ] }',
      `{ "a" : 1.50 , "resourceType" : "Basic","id":"new","meta":{${META}} , "b" : [ ] }`,
    ],
    [
      'puts meta after an id that is there',
      '{"id" : "old" ,"resourceType":"Basic"}',
      `{"id" : "new","meta":{${META}} ,"resourceType":"Basic"}`,
    ],
    [
      'replaces values in place',
      '{"meta": {"lastUpdated": "x", "versionId":"1" }, "id":"", "resourceType":"Basic"}',
      '{"meta": {"lastUpdated": "2024-01-02T03:04:05.678Z", "versionId":"3" }, "id":"new", "resourceType":"Basic"}',
    ],
    [
      'inserts at the start of meta',
      '{"resourceType":"Basic","id":"a","meta":{ "profile":["p"]}}',
      `{"resourceType":"Basic","id":"new","meta":{${META}, "profile":["p"]}}`,
    ],
    [
      'inserts the one that meta has not',
      '{"resourceType":"Basic","id":"a","meta":{"versionId":"1"}}',
      '{"resourceType":"Basic","id":"new","meta":{"lastUpdated":"2024-01-02T03:04:05.678Z","versionId":"3"}}',
    ],
    [
      'fills an empty meta',
      '{"resourceType":"Basic","meta":{ }}',
      `{"resourceType":"Basic","id":"new","meta":{${META}}}`,
    ],
    [
      'replaces a meta that is none',
      '{"resourceType":"Basic","meta":1}',
      `{"resourceType":"Basic","id":"new","meta":{${META}}}`,
    ],
    [
      'knows names with escapes',
      '{"resource\\u0054ype":"Basic","i\\u0064":"a","m\\u0065ta":{"v\\u0065rsionId":"1"}}',
      '{"resource\\u0054ype":"Basic","i\\u0064":"new","m\\u0065ta":{"lastUpdated":"2024-01-02T03:04:05.678Z","v\\u0065rsionId":"3"}}',
    ],
    [
      'leaves id and meta below the top alone',
      '{"contained":[{"id":"c","meta":{"versionId":"9"}}],"resourceType":"Basic","code":{"id":"x"}}',
      `{"contained":[{"id":"c","meta":{"versionId":"9"}}],"resourceType":"Basic","id":"new","meta":{${META}},"code":{"id":"x"}}`,
    ],
  ])('%s', (_, received, served) => {
    expect(spliced(received)).toBe(served);
  });

  it('replaces references, which may need escapes and more than a byte a character', () => {
    const received =
      '{"resourceType":"Basic","subject":{"reference" : "urn:uuid:1"},"author":{"reference":"urn:\\u0075uid:2"}}';
    const { references } = scanResource(Buffer.from(received));
    const values = ['Patient/1', 'Practitioner/"ä€😀"'];
    const served = spliced(received, {
      references: references.map((it, at) => [it.start, it.end - it.start, values[at]!]),
    });
    expect(served).toContain('"subject":{"reference" : "Patient/1"},"author":{"reference":"Practitioner/\\"ä€😀\\""}');
  });

  it('refuses references that overlap or lie outside of the text, and texts without a type', () => {
    const received = '{"resourceType":"Basic","id":"abc"}';
    const at = received.indexOf('"abc"');
    expect(() => spliced(received, { references: [[at, 5, 'x']] })).toThrow(RangeError);
    expect(() => spliced(received, { references: [[received.length, 1, 'x']] })).toThrow(RangeError);
    expect(() => spliced('{"id":"a"}')).toThrow(RangeError);
    expect(() => spliced('[]')).toThrow(RangeError);
  });

  it('sets the fields and nothing else, whatever the text is', () => {
    const space = fc.stringMatching(/^[ \n\t\r]{0,3}$/);
    const value = fc.jsonValue({ maxDepth: 3 }).map((it) => JSON.stringify(it));
    const own = ['id', 'meta', 'resourceType'];
    const others = fc.dictionary(
      fc.string().filter((name) => !own.includes(name)),
      value,
      { noNullPrototype: true },
    );
    const meta = fc.record(
      { versionId: fc.string(), lastUpdated: fc.string(), tag: fc.jsonValue() },
      { requiredKeys: [], noNullPrototype: true },
    );
    const known = fc.record(
      { id: fc.string().map((it) => JSON.stringify(it)), meta: meta.map((it) => JSON.stringify(it, null, 1)) },
      { requiredKeys: [], noNullPrototype: true },
    );
    fc.assert(
      fc.property(others, known, fc.array(space), fc.nat(), (rest, set, spaces, seed) => {
        const members = [...Object.entries(rest), ...Object.entries(set), ['resourceType', '"Basic"'] as const];
        const ordered = members.map((_, index) => members[(index + seed) % members.length]!);
        const pad = (index: number): string => spaces[index % Math.max(1, spaces.length)] ?? '';
        const received = ordered
          .map(
            ([name, json], at) => `${pad(at)}${JSON.stringify(name)}${pad(at + 1)}:${pad(at + 2)}${json}${pad(at + 3)}`,
          )
          .join(',');
        const served = spliced(`{${received}}`);
        const before = JSON.parse(`{${received}}`) as { meta?: object };
        const { id, versionId, lastUpdated } = edits;
        expect(JSON.parse(served)).toEqual({ ...before, id, meta: { ...before.meta, versionId, lastUpdated } });
        // A second splice finds nothing to change, and where all was there, one with the old values takes it all back.
        expect(spliced(served)).toBe(served);
        const old = JSON.parse(`{${received}}`) as { id?: string; meta?: { versionId?: string; lastUpdated?: string } };
        const complete = [old.id, old.meta?.versionId, old.meta?.lastUpdated].every((it) => it !== undefined);
        if (complete) expect(spliced(served, { id: old.id!, ...(old.meta as Partial<Edits>) })).toBe(`{${received}}`);
        for (const json of Object.values(rest)) expect(served).toContain(json);
      }),
      { numRuns: 500 },
    );
  });
});
