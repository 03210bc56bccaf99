import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { scanBundle } from './scan-bundle.js';
import { scanResource } from './scan-resource.js';

/** Whether a text is JSON that FHIR can carry, told by JSON.parse and the two rules that it has not. */
function isReadable(text: string): boolean {
  try {
    JSON.parse(text);
  } catch {
    return false;
  }
  return !hasDuplicateName(text) && !hasLoneSurrogate(text);
}

/** JSON.parse keeps the last of two members of a name: then fewer names come back than were written. */
function hasDuplicateName(text: string): boolean {
  const strings = text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/g);
  const written = [...strings].filter(([, colon]) => colon !== undefined).length;
  let kept = 0;
  JSON.parse(text, (_, value: unknown) => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) kept += Object.keys(value).length;
    return value;
  });
  return written !== kept;
}

function hasLoneSurrogate(text: string): boolean {
  let lone = false;
  const look = (part: string): void => {
    lone ||= /\p{Surrogate}/u.test(part);
  };
  JSON.parse(text, (key, value: unknown) => {
    look(key);
    if (typeof value === 'string') look(value);
    return value;
  });
  return lone;
}

function isFatal(text: string): boolean {
  return scanResource(Buffer.from(text)).findings.some((it) => it.severity === 'fatal');
}

const names = fc.constantFrom(
  'resourceType',
  'id',
  'a',
  'extension',
  'url',
  'valueString',
  '_id',
  'é',
  '\ud800',
  '__proto__',
);
const scalars = fc.oneof(
  fc.string(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
);
/** Objects as lists of members, so that names may come twice. */
const texts = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    scalars.map((value) => JSON.stringify(value)),
    fc.array(tie('value'), { maxLength: 3 }).map((values) => `[${values.join(' ,')}]`),
    fc
      .array(fc.tuple(names, tie('value')), { maxLength: 4 })
      .map((members) => `{${members.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(', ')}}`),
  ),
})).value;

describe('the scanner against JSON.parse', () => {
  it('accepts and rejects the same texts', () => {
    fc.assert(
      fc.property(texts, (value) => {
        expect(isFatal(value)).toBe(!isReadable(value));
        const resource = `{"resourceType":"Patient","id":${value},"name":[${value}]}`;
        expect(isFatal(resource)).toBe(!isReadable(resource));
      }),
      { numRuns: 1000 },
    );
  });

  it('accepts and rejects the same texts after a character was changed, removed or put in', () => {
    const characters = fc.constantFrom(...'{}[]":,\\ \n\t0123456789.eE+-truefalsn/ubé\u0000');
    fc.assert(
      fc.property(texts, fc.nat(), characters, fc.nat(2), (value, seed, character, edit) => {
        const resource = `{"resourceType":"Patient","birthDate":"1970-01-01","name":${value}}`;
        const at = seed % resource.length;
        const changed =
          resource.slice(0, at) + (edit === 1 ? '' : character) + resource.slice(edit === 2 ? at : at + 1);
        expect(isFatal(changed)).toBe(!isReadable(changed));
      }),
      { numRuns: 3000 },
    );
  });
});

describe('the scanner on broken bytes', () => {
  const resource = JSON.stringify({
    resourceType: 'Observation',
    id: 'o1',
    meta: { versionId: '1', lastUpdated: '2024-01-01T00:00:00Z' },
    text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">ä€😀</div>' },
    contained: [{ resourceType: 'Patient', name: [{ given: ['A', null], _given: [null, { id: 'x' }] }] }],
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: '1-8', display: 'a "quoted" \\ \u2028 text' }] },
    subject: { reference: 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520' },
    valueQuantity: { value: -1.5e-3, unit: 'g' },
  });
  const bundle = `{"resourceType":"Bundle","type":"batch","entry":[{"fullUrl":"urn:oid:1.2","resource":${resource},"request":{"method":"POST","url":"Observation"}}]}`;

  it('always gives a result', () => {
    const flips = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(flips, fc.nat(), (changes, cut) => {
        for (const original of [resource, bundle]) {
          const text = Buffer.from(original);
          for (const [at, byte] of changes) text[at % text.length] = byte;
          const part = cut % 3 === 0 ? text.subarray(0, cut % text.length) : text;
          expect(Array.isArray(scanResource(part).findings)).toBe(true);
          expect(Array.isArray(scanBundle(part).entries)).toBe(true);
        }
      }),
      { numRuns: 5000 },
    );
  });

  it('calls every text that was cut short fatal', () => {
    const text = Buffer.from(bundle);
    for (let end = 0; end < text.length; end++) {
      expect(scanBundle(text.subarray(0, end)).findings.at(-1)?.severity).toBe('fatal');
    }
  });
});
