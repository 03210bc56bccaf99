import fc from 'fast-check';

/** A few people who are registered again and again, with and without errors: some are one person, some nearly. */
const GIVEN = ['Annabel', 'Anabel', 'Robert', 'Roberta', 'Josefina'];
const FAMILY = ['Okonkwo', 'Okonkwa', 'Lindqvist', 'Castellano'];
const BIRTH_DATES = ['1971-04-09', '1971-09-04', '1950-11-30', '2001-02-17', '1971'];
const PHONES = ['+1 207 555 0143', '+1 207 555 0177'];
const STREETS = ['17 Harbor Street', '4 Mill Lane'];

const maybe = <T>(values: readonly T[]): fc.Arbitrary<T | undefined> =>
  fc.option(fc.constantFrom(...values), { nil: undefined });

/** Elements of a Patient. */
export const anyPatient: fc.Arbitrary<object> = fc
  .record({
    given: fc.constantFrom(...GIVEN),
    family: fc.constantFrom(...FAMILY),
    birthDate: maybe(BIRTH_DATES),
    gender: maybe(['female', 'male']),
    phone: maybe(PHONES),
    street: maybe(STREETS),
    ssn: maybe(['123-45-6789', '123-45-6780']),
    suffix: maybe(['Jr.', 'Sr.']),
  })
  .map(({ given, family, birthDate, gender, phone, street, ssn, suffix }) => ({
    name: [{ family, given: [given], ...(suffix ? { suffix: [suffix] } : {}) }],
    ...(birthDate ? { birthDate } : {}),
    ...(gender ? { gender } : {}),
    ...(phone ? { telecom: [{ system: 'phone', value: phone }] } : {}),
    ...(street ? { address: [{ line: [street], city: 'Rockport', postalCode: '04856' }] } : {}),
    ...(ssn ? { identifier: [{ system: 'http://hl7.org/fhir/sid/us-ssn', value: ssn }] } : {}),
  }));

/** What somebody may send that is hardly a person. */
export const ODD_PATIENTS: readonly object[] = [
  {},
  { name: [] },
  { name: [{ given: ['A'], family: 'B' }] },
  { name: [{ text: '😀' }] },
  { name: [{ family: 'מזרחי', given: ['דוד'] }], birthDate: '1961-01-07' },
  { name: [{ text: 'Smith, Ann Lee' }], birthDate: '1' },
  { name: Array.from({ length: 200 }, (_, at) => ({ family: `Name${at}`, given: [`Given${at}`, 'B', 'C'] })) },
  { name: [{ family: '', given: [''] }], birthDate: '0000-00-00', telecom: [{}], address: [{}], identifier: [{}] },
  { name: [{ family: 'x'.repeat(10_000) }], telecom: [{ system: 'phone', value: '()' }] },
  { name: [{ family: 'Baby', given: ['Boy'] }], birthDate: '1900-01-01' },
];

/** Somebody whose names, birth date, sex and phone are known. */
export const ann = {
  name: [{ family: 'Okonkwo', given: ['Annabel'] }],
  birthDate: '1971-04-09',
  gender: 'female',
  telecom: [{ system: 'phone', value: '+1 207 555 0143' }],
};
