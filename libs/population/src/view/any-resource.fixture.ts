import { Decimal } from '@chartledger/fhir';
import fc from 'fast-check';

/** Fixture of the specs: resources and expressions over a part of R4, made up by fast-check. */

export type Json = Record<string, unknown>;

/** type → element → its types; `*` where it repeats, `[x]` at a choice. */
const SCHEMA: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Patient: {
    active: 'boolean',
    birthDate: 'date',
    gender: 'code',
    name: 'HumanName*',
    'deceased[x]': 'boolean dateTime',
    'multipleBirth[x]': 'boolean integer',
    contact: 'Patient.contact*',
    managingOrganization: 'Reference',
    extension: 'Extension*',
  },
  'Patient.contact': { name: 'HumanName', gender: 'code', organization: 'Reference', period: 'Period' },
  HumanName: { use: 'code', family: 'string', given: 'string*', period: 'Period' },
  Period: { start: 'dateTime', end: 'dateTime' },
  Reference: { reference: 'string', display: 'string' },
  Extension: { url: 'uri', 'value[x]': 'string code Quantity decimal boolean' },
  Quantity: { value: 'decimal', unit: 'string', code: 'code' },
  Range: { low: 'Quantity', high: 'Quantity' },
  Coding: { system: 'uri', code: 'code', display: 'string' },
  CodeableConcept: { coding: 'Coding*', text: 'string' },
  Observation: {
    status: 'code',
    code: 'CodeableConcept',
    category: 'CodeableConcept*',
    subject: 'Reference',
    issued: 'instant',
    'effective[x]': 'dateTime Period',
    'value[x]': 'Quantity CodeableConcept string boolean integer Range time dateTime',
    component: 'Observation.component*',
  },
  'Observation.component': { code: 'CodeableConcept', 'value[x]': 'Quantity string integer time' },
};

export const RESOURCES = ['Patient', 'Observation'] as const;

const WORDS = ['a', 'b', 'final', 'official', 'http://example.org/x'];
const DATES = ['1970', '1970-06', '1970-06-15', '2020-02'];
const ZONED = ['2020-01-01T10:00:00Z', '2020-01-01T12:00:00+02:00', '2020-01-01T10:00:00.5Z'];
const DECIMALS = [0, 1, -3, 1.5, 0.1, 0.2, 80.25, new Decimal('1.50'), new Decimal('12345678901234567890.5')];

const PRIMITIVES: Readonly<Record<string, readonly unknown[]>> = {
  boolean: [true, false],
  code: WORDS,
  string: [...WORDS, 'Patient/1', 'http://example.org/fhir/Organization/2/_history/1', 'urn:uuid:x', '#x', "it's"],
  uri: WORDS,
  date: DATES,
  dateTime: [...DATES, ...ZONED],
  instant: ZONED,
  time: ['10:00:00', '10:00:00.250', '23:59:59'],
  integer: [0, 1, 2, -7],
  decimal: DECIMALS,
};

/** A resource of the type with any of its elements. */
export function anyResource(type: string): fc.Arbitrary<Json> {
  return fc
    .record(
      { resourceType: fc.constant(type), id: fc.constantFrom('1', '2'), ...members(type) },
      { requiredKeys: ['resourceType', 'id'] },
    )
    .map(withOneChoice);
}

function members(type: string): Record<string, fc.Arbitrary<unknown>> {
  const made: Record<string, fc.Arbitrary<unknown>> = {};
  for (const [name, types] of Object.entries(SCHEMA[type] ?? {})) {
    const [only = ''] = types.split(' ');
    if (name.endsWith('[x]')) for (const choice of types.split(' ')) made[choiceKey(name, choice)] = anyOf(choice);
    else
      made[name] = only.endsWith('*')
        ? fc.array(anyOf(only.slice(0, -1)), { minLength: 1, maxLength: 3 })
        : anyOf(only);
  }
  return made;
}

function choiceKey(name: string, type: string): string {
  return name.slice(0, -'[x]'.length) + type.charAt(0).toUpperCase() + type.slice(1);
}

function anyOf(type: string): fc.Arbitrary<unknown> {
  const values = PRIMITIVES[type];
  if (values) return fc.constantFrom(...values);
  return fc.record(members(type), { requiredKeys: [] }).map(withOneChoice);
}

/** A choice element has one type at a time. */
function withOneChoice(json: Json): Json {
  const seen = new Set<string>();
  return Object.fromEntries(
    Object.entries(json).filter(([key]) => {
      const choice = /^(deceased|multipleBirth|value|effective)[A-Z]/.exec(key)?.[1];
      if (choice === undefined) return true;
      const isFirst = !seen.has(choice);
      seen.add(choice);
      return isFirst;
    }),
  );
}

/** A path from an item of the type, with what the path leads to. */
function anyPath(type: string, steps: number): fc.Arbitrary<[string, string]> {
  const elements = Object.entries(SCHEMA[type] ?? {});
  if (elements.length === 0 || steps === 0) return fc.constant(['$this', type]);
  const step = fc.constantFrom(...elements).chain(([name, listed]) => {
    const types = listed.replace('*', '').split(' ');
    if (!name.endsWith('[x]')) return fc.constant<[string, string]>([name, types[0] as string]);
    return fc
      .constantFrom(...types)
      .map((choice): [string, string] => [`${name.slice(0, -3)}.ofType(${choice})`, choice]);
  });
  const selected = step.chain(([path, of]) =>
    anySelection(of).map((selection): [string, string] => [path + selection, of]),
  );
  return selected.chain(([path, of]) =>
    anyPath(of, steps - 1).map(([rest, to]): [string, string] => [rest === '$this' ? path : `${path}.${rest}`, to]),
  );
}

function anySelection(type: string): fc.Arbitrary<string> {
  const criteria = anyPath(type, 1).chain(([path, of]) =>
    anyLiteral(of).map((literal) => `.where(${path} = ${literal})`),
  );
  const plain = ['', '', '', '.first()', '.last()', '[0]', '[1]', '.where($this.exists())'];
  return fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...plain) }, { weight: 1, arbitrary: criteria });
}

function anyLiteral(type: string): fc.Arbitrary<string> {
  const values = (PRIMITIVES[type] ?? WORDS).filter((value) => !(typeof value === 'number' && value < 0));
  return fc.constantFrom(...values).map((value) => {
    if (typeof value !== 'string') return String(value);
    return `'${value.replace(/'/g, "\\'")}'`;
  });
}

/** An expression to be evaluated on an item of the type. */
export function anyExpression(type: string): fc.Arbitrary<string> {
  const path = anyPath(type, 4);
  const term = path.chain(([text]) =>
    fc
      .constantFrom(
        '',
        '.exists()',
        '.empty()',
        '.count()',
        '.not()',
        ".join('-')",
        '.lowBoundary()',
        '.highBoundary()',
        '.getReferenceKey()',
        '.getReferenceKey(Patient)',
        ".extension('a').value",
        '.is(string)',
      )
      .map((call) => text + call),
  );
  const pair = fc.tuple(path, path, fc.constantFrom('=', '!=', '<', '<=', '>', '>=', '+', '-', '*', '/', '|'));
  const compared = pair.map(([[left], [right], operator]) => `${left} ${operator} ${right}`);
  const toLiteral = fc
    .tuple(path, fc.constantFrom('=', '!=', '<', '>', '+', '*', '/'))
    .chain(([[text, to], operator]) => anyLiteral(to).map((literal) => `${text} ${operator} ${literal}`));
  const single = fc.oneof(term, toLiteral, compared);
  const logic = fc.tuple(single, single, fc.constantFrom('and', 'or', 'xor', 'implies'));
  return fc.oneof(
    { weight: 4, arbitrary: single },
    { weight: 1, arbitrary: logic.map(([left, right, operator]) => `(${left}) ${operator} (${right})`) },
  );
}
