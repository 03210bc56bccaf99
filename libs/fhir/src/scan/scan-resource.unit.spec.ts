import { describe, expect, it } from '@jest/globals';
import { PRIMITIVE_TYPES } from '../structure/primitive-type.js';
import { place, readCases, textOf, type Case } from './cases/read-cases.js';
import { MAX_FINDINGS, MORE_FINDINGS } from './finding.js';
import { scanResource } from './scan-resource.js';

function scan(text: string): ReturnType<typeof scanResource> {
  return scanResource(Buffer.from(text));
}

describe.each(['json.json', 'structure.json'])('scanResource, cases of %s', (file) => {
  it.each(readCases<Case[]>(file))('$name', (testCase) => {
    const { findings } = scanResource(textOf(testCase), { type: testCase.type });
    expect(findings.map(place)).toEqual(testCase.findings);
  });
});

describe('scanResource, primitive types', () => {
  const cases = readCases<Record<string, { accepts: string[]; rejects: string[] }>>('primitives.json');

  function findingsOf(type: string, value: string): unknown[] {
    const name = `value${type[0]!.toUpperCase()}${type.slice(1)}`;
    const literal = PRIMITIVE_TYPES.get(type)!.shape === 'string' ? JSON.stringify(value) : value;
    const extension = `{"url":"http://example.org/a","${name}":${literal}}`;
    return scan(`{"resourceType":"Patient","extension":[${extension}]}`).findings.map((it) => it.expression);
  }

  it('are all in the cases, but xhtml', () => {
    expect(Object.keys(cases).sort()).toEqual([...PRIMITIVE_TYPES.keys()].filter((it) => it !== 'xhtml').sort());
  });

  const rows = Object.entries(cases);
  it.each(rows.flatMap(([type, { accepts }]) => accepts.map((value) => [type, value])))(
    '%s may be %j',
    (type, value) => {
      expect(findingsOf(type, value)).toEqual([]);
    },
  );
  it.each(rows.flatMap(([type, { rejects }]) => rejects.map((value) => [type, value])))(
    '%s may not be %j',
    (type, value) => {
      expect(findingsOf(type, value)).toHaveLength(1);
    },
  );

  it('have strings of a million characters and not of one more', () => {
    const longest = 'ä'.repeat(1024 * 1024);
    expect(findingsOf('string', longest)).toEqual([]);
    expect(findingsOf('string', `${longest}a`)).toHaveLength(1);
  });
});

describe('scanResource, findings', () => {
  it('say where and what to do', () => {
    expect(scan('{"resourceType":"Patient",\n"birthDate":"1999-02-30"}').findings).toEqual([
      {
        severity: 'error',
        code: 'value',
        expression: 'Patient.birthDate',
        message: 'The date must be a date that exists, as YYYY, YYYY-MM or YYYY-MM-DD.',
      },
    ]);
    expect(scan('{"resourceType":"Patient",\n"birthDate":}').findings).toEqual([
      {
        severity: 'fatal',
        code: 'structure',
        expression: 'Patient',
        message: 'A JSON value is expected here (byte 39, line 2).',
      },
    ]);
  });

  it('name the byte of invalid UTF-8', () => {
    const text = Buffer.concat([Buffer.from('{"a":"äöü€'), Buffer.from([0xff]), Buffer.from('"}')]);
    expect(scanResource(text).findings[0]?.message).toContain(`byte ${text.length - 3}, line 1`);
  });

  it('never hold the value of an element', () => {
    const secret = 'Zaphod';
    const texts = [
      `{"resourceType":"Patient","gender":" ${secret}","birthDate":"${secret}","${secret} 1970":1}`,
      `{"resourceType":"Patient","id":"${secret}!","active":"${secret}","name":"${secret}"}`,
      `{"resourceType":"Patient","name":[{"text":"${secret}\\ud800"}]}`,
      `{"resourceType":"${secret} 1","name":"${secret}"}`,
    ];
    for (const text of texts) {
      const { findings } = scan(text);
      expect(findings.length).toBeGreaterThan(0);
      expect(JSON.stringify(findings)).not.toContain(secret);
    }
  });

  it('are listed up to the limit, and a fatal one still', () => {
    const many = `{"resourceType":"Patient","name":[${Array(500).fill('{"a":1}').join()}]`;
    const { findings } = scan(`${many}}`);
    expect(findings).toHaveLength(MAX_FINDINGS + 1);
    expect(findings.at(-1)).toBe(MORE_FINDINGS);
    expect(scan(many).findings.at(-1)?.severity).toBe('fatal');
  });

  it('of 100,000 nested arrays come at once', () => {
    const deep = `{"resourceType":"Patient","a":${'['.repeat(100_000)}`;
    const before = performance.now();
    expect(scan(deep).findings.at(-1)).toMatchObject({ severity: 'fatal', code: 'too-costly' });
    expect(scan('['.repeat(100_000)).findings.at(-1)).toMatchObject({ severity: 'fatal' });
    expect(performance.now() - before).toBeLessThan(100);
  });

  it('take the depth that a caller allows, and no more than the stack bears', () => {
    const deep = (levels: number): string =>
      `{"resourceType":"Patient","a":${'['.repeat(levels)}${']'.repeat(levels)}}`;
    expect(scanResource(Buffer.from(deep(100)), { maxDepth: 200 }).findings.at(-1)?.severity).toBe('error');
    expect(scanResource(Buffer.from(deep(10_000)), { maxDepth: 1e9 }).findings.at(-1)?.severity).toBe('fatal');
  });

  it('refuse an unknown object of more members than FHIR has', () => {
    const members = Array.from({ length: 10_001 }, (_, index) => `"a${index}":1`).join();
    expect(scan(`{"resourceType":"Patient","a":{${members}}}`).findings.at(-1)).toMatchObject({ code: 'too-costly' });
  });
});

describe('scanResource, what may be rewritten', () => {
  const uuid = 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520';
  const text =
    ` {"resourceType":"Observation","id":"o1","status":"final","code":{"coding":[{"system":"urn:oid:1.2"}]},` +
    `"contained":[{"resourceType":"Patient","id":"p","managingOrganization":{"reference":"Organization/ä"}}],` +
    `"extension":[{"url":"u","valueReference":{"reference":"Patient?a=b"}},{"url":"u","valueUri":"${uuid}"}],` +
    `"subject":{"reference":"urn\\u003auuid:1","display":"d"},"meta":{"profile":["http://a","urn:\\u006fid:2.3"]}}\n`;
  const scanned = scan(text);
  const object = Buffer.from(text).subarray(scanned.start, scanned.end);
  const literalAt = ({ start, end }: { start: number; end: number }): unknown =>
    JSON.parse(object.toString('utf8', start, end));

  it('has the bytes of the object, its type and id', () => {
    expect(scanned).toMatchObject({ type: 'Observation', id: 'o1', findings: [] });
    expect(object.toString()).toBe(text.trim());
  });

  it('has every reference with its place and the member that holds it', () => {
    expect(scanned.references.map(({ value, path }) => [path, value])).toEqual([
      ['contained', 'Organization/ä'],
      ['extension', 'Patient?a=b'],
      ['subject', 'urn:uuid:1'],
    ]);
    expect(scanned.references.map(literalAt)).toEqual(scanned.references.map((it) => it.value));
  });

  it('has the values that name an entry of the Bundle', () => {
    expect(scanned.links.map(({ value, path }) => [path, value])).toEqual([
      ['code', 'urn:oid:1.2'],
      ['extension', uuid],
      ['meta', 'urn:oid:2.3'],
    ]);
    expect(scanned.links.map(literalAt)).toEqual(scanned.links.map((it) => it.value));
  });

  it('has all targets of a long Provenance', () => {
    const target = Array.from({ length: 500 }, (_, index) => ({ reference: `urn:uuid:${index}` }));
    const agent = [{ who: { display: 'x' } }];
    const provenance = { resourceType: 'Provenance', target, recorded: '2024-01-01T00:00:00Z', agent };
    const { findings, references } = scan(JSON.stringify(provenance));
    expect(findings).toEqual([]);
    expect(references).toHaveLength(500);
  });

  it('has the id of the resource and not of what it contains', () => {
    expect(scan('{"contained":[{"resourceType":"Patient","id":"inner"}],"resourceType":"Patient"}').id).toBeUndefined();
  });
});
