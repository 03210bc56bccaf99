import { expect, it } from '@jest/globals';
import { personFieldsOf } from './person-fields-of.js';

const none = { names: [], phones: [], emails: [], addresses: [], identifiers: [] };

it('takes all that a Patient has of a kind, former ones too', () => {
  const patient = {
    name: [
      { use: 'official', family: 'Okonkwo', given: ['Annabel', 'Lee'], suffix: ['Jr.'] },
      { use: 'maiden', family: 'Castellano', given: ['Annabel'] },
    ],
    birthDate: '1971-04-09',
    gender: 'female',
    telecom: [
      { system: 'phone', value: 'tel:+1-207-555-0143', use: 'old' },
      { system: 'email', value: 'ann@example.org' },
      { system: 'fax', value: '1' },
    ],
    address: [{ use: 'old', line: ['17 Harbor Street', 'Apt 2'], city: 'Rockport', state: 'ME', postalCode: '04856' }],
    multipleBirthInteger: 2,
    contact: [{ relationship: [{ coding: [{ code: 'MTH' }] }], name: { family: 'Moore', given: ['Jane'] } }],
  };
  expect(personFieldsOf(patient, 'st-mary')).toEqual({
    names: [
      { use: 'official', family: 'Okonkwo', given: ['Annabel', 'Lee'], suffix: 'Jr.' },
      { use: 'maiden', family: 'Castellano', given: ['Annabel'] },
    ],
    birthDate: '1971-04-09',
    sex: 'female',
    phones: ['+1-207-555-0143'],
    emails: ['ann@example.org'],
    addresses: [{ line: '17 Harbor Street, Apt 2', city: 'Rockport', state: 'ME', postcode: '04856' }],
    identifiers: [],
    motherName: { given: 'Jane', family: 'Moore' },
    multipleBirth: 2,
  });
});

it('a name that was sent as one text is taken apart', () => {
  const names = (text: string): unknown => personFieldsOf({ name: [{ text }] }, 's').names;
  expect(names('Smith, Ann Lee')).toEqual([{ given: ['Ann', 'Lee'], family: 'Smith' }]);
  expect(names('Ann Lee Smith')).toEqual([{ given: ['Ann', 'Lee'], family: 'Smith' }]);
  expect(names('Cher')).toEqual([{ given: ['Cher'] }]);
});

it('two record numbers say nothing against one person, two social security numbers do', () => {
  const identifiers = (identifier: object[]): unknown => personFieldsOf({ identifier }, 'st-mary').identifiers;
  expect(identifiers([{ system: 'urn:mrn', value: '1', type: { coding: [{ code: 'MR' }] } }])).toEqual([
    { system: 'urn:mrn|1', value: '1' },
  ]);
  expect(identifiers([{ system: 'http://hl7.org/fhir/sid/us-ssn', value: '123-45-6789' }])).toEqual([
    { system: 'http://hl7.org/fhir/sid/us-ssn', value: '123-45-6789' },
  ]);
  expect(identifiers([{ value: '4711' }])).toEqual([{ system: 'urn:chartledger:source:st-mary|4711', value: '4711' }]);
});

it('what is not of the shape that FHIR gives it is left out', () => {
  const odd = {
    name: 'Smith',
    telecom: [null, 7],
    address: {},
    identifier: [{ value: 5 }],
    birthDate: 1971,
    contact: [{}],
  };
  expect(personFieldsOf(odd, 's')).toEqual(none);
  expect(personFieldsOf({}, 's')).toEqual(none);
});
