import fc from 'fast-check';

/** A person of a made-up feed, with what tells who they are. */
export interface Someone {
  id: string;
  family: string;
  given: string;
  mrn: string;
  phone: string;
  line: string;
  city: string;
  zip: string;
  birthDate: string;
  seen: string;
  onsetAge: number;
  note: string;
}

const word = (letters: string, least: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...letters), minLength: least, maxLength: least + 4 });
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
/** Long enough that none of them stands in an answer by chance. */
const name = word(LETTERS, 8);
const digits = (count: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: count, maxLength: count });
const day = (from: string): fc.Arbitrary<string> =>
  fc
    .date({ min: new Date(from), max: new Date('2026-06-30'), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, 10));

export const someone: fc.Arbitrary<Someone> = fc.record({
  id: name.map((text) => `p-${text}`),
  family: name.map((text) => `Fam${text}`),
  given: name.map((text) => `Giv${text}`),
  mrn: digits(11),
  phone: digits(10).map((text) => `+1-${text}`),
  line: name.map((text) => `${text} street`),
  city: name.map((text) => `Cit${text}`),
  zip: fc.oneof(
    digits(5),
    fc.tuple(fc.constantFrom('036', '102', '893'), digits(2)).map((parts) => parts.join('')),
  ),
  birthDate: day('1905-01-01'),
  seen: day('1920-01-01').map((text) => `${text}T08:09:10Z`),
  onsetAge: fc.integer({ min: 0, max: 115 }),
  note: name.map((text) => `told the nurse ${text}`),
});

/** Their records, as a hospital would send them. */
export function recordsOf(one: Someone): Record<string, unknown>[] {
  const subject = { reference: `Patient/${one.id}`, display: `${one.given} ${one.family}` };
  const coding = [{ system: 'http://loinc.org', code: '8480-6', display: `of ${one.family}` }];
  return [
    {
      resourceType: 'Patient',
      id: one.id,
      identifier: [{ system: 'http://hospital.example/mrn', value: one.mrn }],
      name: [{ use: 'official', family: one.family, given: [one.given] }],
      telecom: [{ system: 'phone', value: one.phone }],
      gender: 'female',
      birthDate: one.birthDate,
      address: [{ line: [one.line], city: one.city, state: 'NY', postalCode: one.zip, country: 'US' }],
    },
    {
      resourceType: 'Observation',
      id: `o-${one.id}`,
      status: 'final',
      code: { coding, text: one.note },
      subject,
      effectiveDateTime: one.seen,
      valueQuantity: { value: 120, unit: 'mm[Hg]' },
      note: [{ text: one.note }],
    },
    {
      resourceType: 'Condition',
      id: `c-${one.id}`,
      code: { coding: [{ system: 'http://snomed.info/sct', code: '38341003' }], text: one.note },
      subject,
      onsetAge: { value: one.onsetAge, unit: 'a', system: 'http://unitsofmeasure.org', code: 'a' },
      recordedDate: one.seen,
    },
  ];
}

/** What of them may stand in no answer. */
export function identifying(one: Someone): string[] {
  const { id, family, given, mrn, phone, line, city, note, birthDate, seen } = one;
  return [id, family, given, mrn, phone.slice(3), line, city, note, birthDate, seen.slice(0, 10)];
}

const column = (name: string, path: string, type: string): object => ({ name, path, type });

/** All that a Patient says, and more than may be shown. */
export const EVERYTHING = {
  resourceType: 'ViewDefinition',
  id: 'everything',
  name: 'everything',
  url: 'http://views.example/everything',
  status: 'active',
  resource: 'Patient',
  select: [
    {
      column: [
        column('key', 'getResourceKey()', 'string'),
        column('id', 'id', 'id'),
        column('gender', 'gender', 'code'),
        column('born', 'birthDate', 'date'),
        column('family', 'name.family.first()', 'string'),
        column('mrn', 'identifier.value.first()', 'string'),
        column('phone', 'telecom.value.first()', 'string'),
        column('line', 'address.line.first()', 'string'),
        column('city', 'address.city.first()', 'string'),
        column('zip', 'address.postalCode.first()', 'string'),
        column('state', 'address.state.first()', 'string'),
        column('changed', 'meta.lastUpdated', 'instant'),
      ],
    },
  ],
};

export const CONDITIONS = {
  resourceType: 'ViewDefinition',
  id: 'conditions',
  name: 'conditions',
  url: 'http://views.example/conditions',
  status: 'active',
  resource: 'Condition',
  select: [
    {
      column: [
        column('subject', 'subject.getReferenceKey(Patient)', 'string'),
        column('said', 'code.text', 'string'),
        column('age', 'onset.ofType(Age).value', 'decimal'),
        column('recorded', 'recordedDate', 'dateTime'),
      ],
    },
  ],
};
