import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isResourceId, MAX_ID_CHARACTERS } from './resource-id.js';
import { referenceType } from './reference-type.js';
import { type ParsedReference, parseReference } from './reference-url.js';
import { isKindOfResource, isResourceType } from './resource-types.js';
import { RESOURCE_TYPES } from './resource-types.table.js';

const UUID = 'c757873d-ec9a-4326-a141-556f43239520';

describe('parseReference', () => {
  const cases: [string, ParsedReference][] = [
    ['Patient/23', { kind: 'relative', type: 'Patient', id: '23' }],
    ['Patient/23/_history/4', { kind: 'relative', type: 'Patient', id: '23', version: '4' }],
    [
      'http://example.org/fhir/Patient/23',
      { kind: 'absolute', base: 'http://example.org/fhir', type: 'Patient', id: '23' },
    ],
    ['https://example.org/Patient/23', { kind: 'absolute', base: 'https://example.org', type: 'Patient', id: '23' }],
    [
      'https://example.org:8443/a/b/Patient/a-b.c/_history/4',
      { kind: 'absolute', base: 'https://example.org:8443/a/b', type: 'Patient', id: 'a-b.c', version: '4' },
    ],
    [`urn:uuid:${UUID}`, { kind: 'urn', scheme: 'uuid', value: UUID }],
    ['urn:oid:1.2.3.4.5', { kind: 'urn', scheme: 'oid', value: '1.2.3.4.5' }],
    ['Patient?identifier=a|1', { kind: 'conditional', type: 'Patient', query: 'identifier=a|1' }],
    ['Patient?a=http://x/y?z', { kind: 'conditional', type: 'Patient', query: 'a=http://x/y?z' }],
    ['#p1', { kind: 'fragment', id: 'p1' }],
    ['#', { kind: 'fragment', id: '' }],
  ];
  it.each(cases)('%s', (text, parsed) => {
    expect(parseReference(text)).toEqual(parsed);
  });

  it.each([
    '',
    'Patient',
    'Patient/',
    '/Patient/23',
    'Patient/23/',
    'patient/23',
    'Person of interest/23',
    'Patients/23',
    'Resource/23',
    'Patient/2 3',
    'Patient/é',
    `Patient/${'1'.repeat(MAX_ID_CHARACTERS + 1)}`,
    'Patient/23/_history/',
    'Patient/23/_history/a/b',
    'Patient/23/_history',
    '_history/4',
    'ftp://example.org/Patient/23',
    'http:///Patient/23',
    'x/Patient/23',
    'Patient?',
    'Patients?identifier=1',
    'http://example.org/Patient?identifier=1',
    'http://hl7.org/fhir/ValueSet/x|4.0.1',
    'urn:uuid:23',
    'urn:oid:9.1',
    'urn:isbn:1',
    '#a b',
    'Patient/23\n',
  ])('%j is no reference to a resource', (text) => {
    expect(parseReference(text)).toEqual({ kind: 'other' });
  });

  it('says of a built reference what it was built from', () => {
    const id = fc.stringMatching(/^[A-Za-z0-9\-.]{1,64}$/);
    const base = fc.constantFrom('', 'http://example.org/', 'https://example.org/Patient/r4/');
    fc.assert(
      fc.property(base, fc.constantFrom(...RESOURCE_TYPES), id, fc.option(id), (start, type, logical, version) => {
        const parsed = parseReference(`${start}${type}/${logical}${version === null ? '' : `/_history/${version}`}`);
        expect(parsed).toMatchObject({ kind: start === '' ? 'relative' : 'absolute', type, id: logical });
        expect('version' in parsed ? parsed.version : null).toBe(version);
      }),
    );
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => typeof parseReference(text).kind === 'string'));
  });
});

describe('referenceType', () => {
  it('is asked of the caller only where the text does not say it', () => {
    const typeOf = (): string => 'Device';
    expect(referenceType('Patient/1', typeOf)).toBe('Patient');
    expect(referenceType('http://example.org/Patient/1', typeOf)).toBe('Patient');
    expect(referenceType('Patient?identifier=1', typeOf)).toBe('Patient');
    expect(referenceType(`urn:uuid:${UUID}`, typeOf)).toBe('Device');
    expect(referenceType('#d', typeOf)).toBe('Device');
    expect(referenceType(`urn:uuid:${UUID}`)).toBeUndefined();
  });
});

describe('resource types and ids', () => {
  it('knows the concrete types of R4', () => {
    expect(RESOURCE_TYPES).toHaveLength(146);
    expect(['Patient', 'Bundle', 'Parameters'].every(isResourceType)).toBe(true);
    expect(['Resource', 'DomainResource', 'patient', 'SubscriptionStatus', ''].some(isResourceType)).toBe(false);
  });

  it('knows the abstract types', () => {
    expect(isKindOfResource('Bundle', 'Resource')).toBe(true);
    expect(isKindOfResource('Bundle', 'DomainResource')).toBe(false);
    expect(isKindOfResource('Patient', 'DomainResource')).toBe(true);
    expect(isKindOfResource('Patient', 'Person')).toBe(false);
  });

  it('holds ids to the form of R4', () => {
    expect(['a', 'A-9.z', 'x'.repeat(64), '..'].every(isResourceId)).toBe(true);
    expect(['', 'x'.repeat(65), 'a_b', 'a/b', 'a b', 'é', 'a\n'].some(isResourceId)).toBe(false);
  });
});
