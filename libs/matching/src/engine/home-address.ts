// eslint-disable-next-line @typescript-eslint/triple-slash-reference -- the build of an app takes in only what is imported
/// <reference path="./parse-address.d.ts" />
import parser from 'parse-address';
import { parsePostcode } from './contact-codes.js';
import { wordsOf } from './fold-text.js';
import { type PersonAddress } from './person-fields.js';
import { remembered } from './remembered.js';

/** An address as it is compared: normalised texts, empty where not known. */
export interface HomeAddress {
  number: string;
  street: string;
  suburb: string;
  postcode: string;
}

const STREET_TYPES = new Set(
  (
    'street st avenue ave av road rd drive dr lane ln place pl court ct crescent cres cr circuit cct circle cir close cl ' +
    'terrace tce ter parade pde boulevard blvd highway hwy way grove gr square sq parkway pkwy trail trl loop row'
  ).split(' '),
);
const DIRECTIONS: Readonly<Record<string, string>> = { n: 'north', s: 'south', e: 'east', w: 'west' };
const NOWHERE = new Set(
  'unknown unk na none homeless nofixedabode nofixedaddress generaldelivery notknown nil refused transient x xx xxx tba'.split(
    ' ',
  ),
);
const NUMBER_FIRST =
  /^\s*(?:(?:unit|apt|flat|suite|#)\s*\w+\s*[,/]?\s*|\w{1,5}\s*\/\s*)?(\d+)\s*[a-z]?(?:\s*-\s*\d+)?[\s,]+(\D.*)$/i;
const MAX_TEXT = 60;

export function parseAddress(address: PersonAddress): HomeAddress {
  const line = lineParts(address);
  return {
    number: houseNumber(address.number ?? line.number),
    street: streetOf(address.street ?? line.street),
    suburb: placeOf(address.city ?? ''),
    postcode: postcodeOf(address.postcode ?? ''),
  };
}

const streetOf = remembered(streetName);
const placeOf = remembered(placeName);
const postcodeOf = remembered(parsePostcode);

/** Digits of a house number: 12 of 12A and of 12-14. */
export function houseNumber(raw: string): string {
  return /[1-9]\d*/.exec(raw)?.[0].slice(0, 9) ?? '';
}

/** A street's name without its kind: forbes of "Forbes St"; the kind alone stays. */
export function streetName(raw: string): string {
  const words = wordsOf(raw).map((word) => DIRECTIONS[word] ?? word);
  const telling = words.filter((word, at) => at === 0 || !STREET_TYPES.has(word));
  return named(telling.join('').replace(RUN_INTO, '$1'));
}

/** A kind of street that ran into the name: "dixondrive". */
const RUN_INTO =
  /^(.{4,})(?:street|avenue|drive|place|court|crescent|circuit|circle|close|terrace|parade|boulevard|road)$/;

/** A town or suburb. */
export function placeName(raw: string): string {
  const words = wordsOf(raw).map((word) =>
    word === 'st' ? 'saint' : word === 'mt' ? 'mount' : (DIRECTIONS[word] ?? word),
  );
  return named(words.join(''));
}

function named(text: string): string {
  return NOWHERE.has(text) ? '' : text.slice(0, MAX_TEXT);
}

function lineParts({ line, number, street }: PersonAddress): { number: string; street: string } {
  if (!line || (number !== undefined && street !== undefined)) return { number: '', street: '' };
  const simple = NUMBER_FIRST.exec(line);
  if (simple) return { number: simple[1], street: simple[2] };
  const parsed = line.length < 100 ? parser.parseLocation(line) : null;
  if (!parsed?.street) return { number: '', street: line.slice(0, 100) };
  return { number: parsed.number ?? '', street: [parsed.prefix, parsed.street].filter(Boolean).join(' ') };
}
