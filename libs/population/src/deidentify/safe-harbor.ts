/**
 * The Safe Harbor way of the HIPAA Privacy Rule: 45 CFR 164.514(b)(2)(i) lists what is taken out, (A) to (R). Words and
 * numbers are from there and from the guidance of the Office for Civil Rights (26 November 2012).
 */

/** Older than this, ages and whatever tells them are put together (C). */
export const OLDEST_AGE = 89;

/**
 * The first three digits of ZIP codes that hold no more than 20,000 people (B), by the Census of 2000: the 17 of the guidance.
 */
export const SMALL_ZIP3: readonly string[] = [
  '036',
  '059',
  '063',
  '102',
  '203',
  '556',
  '692',
  '790',
  '821',
  '823',
  '830',
  '831',
  '878',
  '879',
  '884',
  '890',
  '893',
];

/** What a column holds that may not be shown, and the letter of its rule. */
export interface Identifying {
  rule: string;
  what: string;
}

const NAMES: Identifying = { rule: '(A)', what: 'names' };
const PLACES: Identifying = { rule: '(B)', what: 'places smaller than a state' };
const REACHED: Identifying = { rule: '(D)–(F)', what: 'numbers and addresses by which people are reached' };
const NUMBERS: Identifying = {
  rule: '(G)–(K), (R)',
  what: 'numbers of persons, records, plans, accounts and licences',
};
const DEVICES: Identifying = { rule: '(L), (M)', what: 'numbers of vehicles and devices' };
const LINKS: Identifying = { rule: '(N), (O)', what: 'addresses of the Web and the Internet' };
const PICTURES: Identifying = { rule: '(P), (Q)', what: 'pictures and other bodily marks' };
export const FREE_TEXT: Identifying = { rule: '(R)', what: 'text that people write, in which anything can stand' };
export const TIMES: Identifying = { rule: '(C)', what: 'times of day' };
export const UNKNOWN: Identifying = { rule: '(R)', what: 'what is not known to be harmless' };

/** Elements of FHIR that hold such things, wherever they stand in a path: a condition on a name tells the name. */
export const IDENTIFYING_ELEMENTS: ReadonlyMap<string, Identifying> = new Map(
  (
    [
      [NAMES, 'name alias family given prefix suffix contact contactParty relatedPerson maidenName'],
      [PLACES, 'line city district position longitude latitude altitude geolocation birthPlace'],
      [REACHED, 'telecom phone fax email contactPoint endpoint'],
      [
        NUMBERS,
        'identifier subscriberId dependent policyNumber accession accessionIdentifier groupIdentifier requisition',
      ],
      [DEVICES, 'udiCarrier udi carrierHRF carrierAIDC deviceIdentifier distinctIdentifier serialNumber lotNumber'],
      [PICTURES, 'photo image data attachment'],
      [FREE_TEXT, 'text note comment div narrative conclusion description title instruction patientInstruction'],
    ] as const
  ).flatMap(([identifying, elements]) => elements.split(' ').map((element) => [element, identifying] as const)),
);

/** The same by the primitive type of the column. */
export const IDENTIFYING_TYPES: ReadonlyMap<string, Identifying> = new Map([
  ['markdown', FREE_TEXT],
  ['xhtml', FREE_TEXT],
  ['base64Binary', PICTURES],
  ['url', LINKS],
  ['uuid', NUMBERS],
  ['oid', NUMBERS],
  ['time', TIMES],
]);

/** Elements whose texts are chosen from few: other texts are taken for what people write. `system` names a code system. */
export const HARMLESS_TEXTS: ReadonlySet<string> = new Set(
  'code status gender use state country unit system language'.split(' '),
);

/** Types whose values are chosen or measured. */
export const HARMLESS_TYPES: ReadonlySet<string> = new Set([
  'boolean',
  'code',
  'integer',
  'integer64',
  'positiveInt',
  'unsignedInt',
  'decimal',
]);

export const DATE_TYPES: ReadonlySet<string> = new Set(['date', 'dateTime', 'instant']);
