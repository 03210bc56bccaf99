import { parseBirthDate } from './birth-date.js';
import { parseEmail, parseIdentifier, parsePhone } from './contact-codes.js';
import { foldText } from './fold-text.js';
import { type HomeAddress, parseAddress } from './home-address.js';
import { type NameText, NO_TEXT, parseFamily, parseGiven, parseSuffix } from './person-name.js';
import { type PersonFields, type PersonName } from './person-fields.js';
import { remembered } from './remembered.js';

/** Changes with any change of what a text is normalised to: it can change decisions. */
export const PREPARATION_VERSION = 1;

export const SEX = { unknown: 0, female: 1, male: 2 } as const;

export interface PreparedName {
  given: NameText;
  /** The first middle name or its initial; empty where none. */
  middle: string;
  family: NameText;
}

/**
 * A record as it is compared: normalised, placeholders left out, lists without repetition. It is JSON, and it is health
 * information: keep it encrypted.
 */
export interface PreparedRecord {
  names: readonly PreparedName[];
  /** yyyymmdd with 00 for what is not known, 0 for none. */
  birthDate: number;
  sex: number;
  /** Generation: 1 senior, 2 junior, 3, 4; 0 not said. */
  suffix: number;
  /** Order among twins; 0 not said. */
  order: number;
  addresses: readonly HomeAddress[];
  phones: readonly string[];
  emails: readonly string[];
  identifiers: readonly { system: string; value: string }[];
  mother: string;
  motherGiven: string;
}

const givenOf = remembered(parseGiven);
const familyOf = remembered(parseFamily);

/** Most of each kind that are compared; a record of 200 names must not cost 40,000 comparisons. */
const MOST = { names: 6, addresses: 4, phones: 4, emails: 4, identifiers: 6 } as const;

/** Normalises what a record says. Never throws on odd input: what says nothing is left out. */
export function prepareFields(fields: PersonFields, dayFirst = false): PreparedRecord {
  const read = fields.names.map(readName);
  return {
    names: distinct(read.filter(({ given, family }) => given.text !== '' || family.text !== ''))
      .slice(0, MOST.names)
      .map(asPrepared),
    birthDate: parseBirthDate(fields.birthDate ?? '', dayFirst),
    sex: parseSex(fields.sex ?? ''),
    suffix: read.find(({ suffix }) => suffix > 0)?.suffix ?? 0,
    order:
      typeof fields.multipleBirth === 'number'
        ? birthOrder(fields.multipleBirth)
        : (read.find(({ order }) => order > 0)?.order ?? 0),
    addresses: distinct(fields.addresses.map(parseAddress).filter(saysSomething)).slice(0, MOST.addresses),
    phones: telling(fields.phones.map(parsePhone)).slice(0, MOST.phones),
    emails: telling(fields.emails.map(parseEmail)).slice(0, MOST.emails),
    identifiers: distinct(
      fields.identifiers
        .map(({ system, value }) => ({ system, value: parseIdentifier(value) }))
        .filter(({ value }) => value !== ''),
    ).slice(0, MOST.identifiers),
    mother: familyOf(fields.motherName?.family ?? '').text,
    motherGiven: givenOf(fields.motherName?.given ?? '').text,
  };
}

export function parseSex(raw: string): number {
  const letter = foldText(raw.trim())[0];
  return letter === 'f' || letter === 'w' ? SEX.female : letter === 'm' ? SEX.male : SEX.unknown;
}

function readName(name: PersonName): PreparedName & { suffix: number; order: number } {
  const given = givenOf(name.given[0] ?? '');
  const family = familyOf(name.family ?? '');
  const nobody = family.text === 'doe' && (given.text === 'john' || given.text === 'jane');
  return {
    given: nobody ? NO_TEXT : { text: given.text, parts: given.parts },
    middle: middleName(name, given.middle),
    family: nobody ? NO_TEXT : { text: family.text, parts: family.parts },
    suffix: parseSuffix(name.suffix ?? '') || family.suffix || given.suffix,
    order: given.order,
  };
}

function middleName({ given }: PersonName, initial: string): string {
  const second = given[1];
  return second === undefined ? initial : givenOf(second).text || initial;
}

function asPrepared({ given, middle, family }: PreparedName): PreparedName {
  return { given, middle, family };
}

function birthOrder(order: number): number {
  return Number.isInteger(order) && order > 0 && order < 8 ? order : 0;
}

function saysSomething({ number, street, suburb, postcode }: HomeAddress): boolean {
  return number !== '' || street !== '' || suburb !== '' || postcode !== '';
}

function telling(codes: readonly string[]): string[] {
  return [...new Set(codes)].filter((code) => code !== '');
}

function distinct<T>(items: readonly T[]): T[] {
  if (items.length < 2) return [...items];
  const seen = new Set<string>();
  return items.filter((item) => {
    const text = JSON.stringify(item);
    return seen.has(text) ? false : seen.add(text);
  });
}
