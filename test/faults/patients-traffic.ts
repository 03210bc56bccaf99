/*
 * Patients of a few people who are registered again and again, and what stewards have to decide on. The people that
 * stewards decide on are nobody else: so what they decide does not hang on when it comes.
 */

export const SOURCES = ['st-mary', 'lab'] as const;

/** A change of a record; without a body it is deleted. */
export interface Change {
  source: string;
  id: string;
  body?: object;
}

/** Two records, and what a steward says of them. The reason is this decision's own. */
export interface Ruled {
  one: Change;
  other: Change;
  areOne: boolean;
  reason: string;
}

const GIVEN = ['Annabel', 'Anabel', 'Robert', 'Roberta', 'Josefina', 'Baby Boy'];
const FAMILY = ['Okonkwo', 'Okonkwa', 'Lindqvist', 'Castellano'];
const BIRTH_DATES = ['1971-04-09', '1971-09-04', '1950-11-30', '2001-02-17', '1971'];
const PHONES = ['+1 207 555 0143', '+1 207 555 0177'];
const STREETS = ['17 Harbor Street', '4 Mill Lane'];
const RULED_FAMILIES = ['Quillfeather', 'Ostrowidzki', 'Bhattarai', 'Nakamichi', 'Vandermolen', 'Eyjolfsdottir'];
const RULED_GIVEN = ['Perpetua', 'Wolfram', 'Ximena', 'Caspian', 'Thessaly', 'Ambrose'];

/** `count` changes of `records` records: new ones, new versions, and deletions. */
export function changesOf(next: () => number, count: number, records: number): Change[] {
  const maybe = <T>(values: readonly T[]): T | undefined => values[Math.floor(next() * (values.length + 1))];
  return Array.from({ length: count }, () => {
    const record = Math.floor(next() * records);
    const change = { source: SOURCES[record % SOURCES.length], id: `p${record}` };
    if (next() < 0.15) return change;
    const [family, given] = [maybe(FAMILY), maybe(GIVEN)];
    const [birthDate, phone, street] = [maybe(BIRTH_DATES), maybe(PHONES), maybe(STREETS)];
    return { ...change, body: patient(change.id, { family, given, birthDate, phone, street }) };
  });
}

/** Pairs that a steward rules on: every second pair looks like one person, and is two; the others are the other way. */
export function ruledPairs(): Ruled[] {
  return RULED_FAMILIES.map((family, at) => {
    const areOne = at % 2 === 1;
    const said = {
      family,
      given: RULED_GIVEN[at],
      birthDate: `19${40 + 7 * at}-0${1 + at}-1${at}`,
      street: `${at + 2} Elm Row`,
    };
    const otherwise = {
      ...said,
      given: `${RULED_GIVEN[at].slice(1)}o`,
      birthDate: `20${10 + at}-1${at % 3}-2${at}`,
      street: STREETS[1],
    };
    const change = (source: string, id: string, body: Said): Change => ({ source, id, body: patient(id, body) });
    return {
      one: change(SOURCES[0], `r${at}`, said),
      other: change(SOURCES[1], `r${at}`, areOne ? { ...otherwise, family: `${family.slice(2)}ia` } : said),
      areOne,
      reason: `decision ${at} of the ward`,
    };
  });
}

interface Said {
  family?: string;
  given?: string;
  birthDate?: string;
  phone?: string;
  street?: string;
}

function patient(id: string, { family, given, birthDate, phone, street }: Said): object {
  return {
    resourceType: 'Patient',
    id,
    ...(family || given ? { name: [{ ...(family ? { family } : {}), ...(given ? { given: [given] } : {}) }] } : {}),
    ...(birthDate ? { birthDate } : {}),
    ...(phone ? { telecom: [{ system: 'phone', value: phone }] } : {}),
    ...(street ? { address: [{ line: [street], city: 'Rockport', postalCode: '04856' }] } : {}),
  };
}
