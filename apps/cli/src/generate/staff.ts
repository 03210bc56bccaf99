import { MALE_NAMES, FEMALE_NAMES } from './given-names.data.js';
import { type JsonObject } from './json.js';
import { type Sex } from './person.js';
import { Random } from './random.js';
import { locationToken, organizationToken, practitionerToken, type Site } from './sites.js';
import { SURNAMES } from './surnames.data.js';

export interface Practitioner {
  readonly npi: string;
  readonly given: string;
  readonly family: string;
  readonly sex: Sex;
}

/** The stream of numbers for staff; see Random. */
const STAFF_STREAM = 2;

/** The practitioners of a site. Their numbers are in the form of an NPI that is given to nobody, as in Synthea. */
export function staffOf(seed: number, site: Site): Practitioner[] {
  const random = new Random(seed, STAFF_STREAM, site.number);
  return Array.from({ length: site.practitioners }, (_none, at) => {
    const sex = random.chance(0.5) ? 'female' : 'male';
    return {
      npi: `99999${site.number}${String(at + 1).padStart(4, '0')}`,
      given: random.pick(sex === 'female' ? FEMALE_NAMES : MALE_NAMES),
      family: random.pick(SURNAMES),
      sex,
    };
  });
}

/** Conditional references: the sender knows an identifier, the server finds the record. */
export function practitionerReference(practitioner: Practitioner): JsonObject {
  return {
    reference: `Practitioner?identifier=${practitionerToken(practitioner.npi)}`,
    display: `Dr. ${practitioner.given} ${practitioner.family}`,
  };
}

export function organizationReference(site: Site): JsonObject {
  return { reference: `Organization?identifier=${organizationToken(site)}`, display: site.title };
}

export function locationReference(site: Site, location: number): JsonObject {
  return { reference: `Location?identifier=${locationToken(site, location)}`, display: site.locations[location]! };
}
