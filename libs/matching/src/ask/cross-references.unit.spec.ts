import { expect, it } from '@jest/globals';
import { crossReferences } from './cross-references.js';

const PATIENTS = [
  {
    name: 'a/Patient/1',
    patient: {
      identifier: [
        { system: 'urn:a', value: '1' },
        { system: 'urn:ssn', value: '9', use: 'official' },
      ],
    },
  },
  {
    name: 'b/Patient/2',
    patient: {
      identifier: [
        { system: 'urn:ssn', value: '9' },
        { value: 'bare' },
        { assigner: { reference: 'Organization/1' }, system: 'urn:b', value: '2' },
      ],
    },
  },
  { name: 'c/Patient/3', patient: { identifier: 'none' } },
];
const values = (parameters: object[]): unknown[] =>
  (parameters as { valueIdentifier?: object; valueReference?: { reference: string } }[]).map(
    ({ valueIdentifier, valueReference }) => valueReference?.reference ?? valueIdentifier,
  );

it('every identifier once, the one that was asked with left out, and every record', () => {
  expect(values(crossReferences(PATIENTS, { system: 'urn:a', value: '1' }, [], 'http://h'))).toEqual([
    { use: 'official', system: 'urn:ssn', value: '9' },
    { value: 'bare' },
    { system: 'urn:b', value: '2' },
    'http://h/fhir/a/Patient/1',
    'http://h/fhir/b/Patient/2',
    'http://h/fhir/c/Patient/3',
  ]);
});

it('in the systems asked for: what stands in them', () => {
  expect(values(crossReferences(PATIENTS, { system: 'urn:a', value: '1' }, ['urn:b'], 'http://h'))).toEqual([
    { system: 'urn:b', value: '2' },
    'http://h/fhir/b/Patient/2',
  ]);
});
