import { CHRONIC_CONDITIONS, type ChronicKey } from './conditions.data.js';
import { ageOn, DAYS_A_YEAR, TOWN_TODAY } from './dates.js';
import { FEMALE_NAMES, MALE_NAMES } from './given-names.data.js';
import { ssnLike } from './numbers.js';
import { type Address, type Person, type Sex } from './person.js';
import { MAIL_DOMAINS } from './places.data.js';
import { anyPhone } from './places.js';
import { type Random } from './random.js';
import { SURNAMES } from './surnames.data.js';
import { plainLetters } from './text-errors.js';
import { fallingOff } from './weighted.js';

/** Someone as their place in a household makes them, before numbers, telephone and health. */
export type Member = Pick<
  Person,
  'sex' | 'given' | 'family' | 'maiden' | 'suffix' | 'married' | 'birthDay' | 'birthOrder' | 'mother'
>;

export interface Home {
  readonly address: Address;
  readonly formerAddress: Address;
  readonly landline: string;
}

const SURNAME_TABLE = fallingOff(SURNAMES);
const GIVEN_TABLES = { female: fallingOff(FEMALE_NAMES), male: fallingOff(MALE_NAMES) };

/** Younger people share the telephone of the home, or have none of their own on record. */
const OWN_PHONE_AGE = 14;
const SHARE_WITH_OWN_PHONE = 0.8;
const SHARE_WITH_EMAIL = 0.75;
/** Deaths fall into the years that records cover, so that the dead have records too. */
const YEARS_OF_DEATHS = 4;

export function anySurname(random: Random): string {
  return SURNAME_TABLE.draw(random);
}

export function anyGiven(random: Random, sex: Sex): string {
  return GIVEN_TABLES[sex].draw(random);
}

/** The whole person: draws what the household does not decide. */
export function completePerson(random: Random, member: Member, home: Home, index: number): Person {
  const age = ageOn(TOWN_TODAY, member.birthDay);
  const ownPhone = age >= OWN_PHONE_AGE && random.chance(SHARE_WITH_OWN_PHONE);
  return {
    ...member,
    id: `p${String(index + 1).padStart(6, '0')}`,
    index,
    middle: anyGiven(random, member.sex),
    ssn: ssnLike(index),
    phone: ownPhone ? anyPhone(random) : home.landline,
    formerPhone: anyPhone(random),
    email: age >= OWN_PHONE_AGE && random.chance(SHARE_WITH_EMAIL) ? mailOf(random, member) : undefined,
    address: home.address,
    formerAddress: home.formerAddress,
    deathDay: deathDay(random, age, member.birthDay),
    heightCentimetres: Math.round(member.sex === 'male' ? random.bell(160, 194) : random.bell(148, 180)),
    bodyMassIndex: random.bell(18.5, 38),
    chronic: chronicOf(random, age),
  };
}

function mailOf(random: Random, member: Member): string {
  const name = plainLetters(`${member.given}.${member.family}`)
    .toLowerCase()
    .replace(/[^a-z.]/g, '');
  return `${name}${random.below(1_000)}@${random.pick(MAIL_DOMAINS)}`;
}

function deathDay(random: Random, age: number, birthDay: number): number | undefined {
  if (!random.chance(age >= 80 ? 0.3 : age >= 60 ? 0.1 : 0.01)) return undefined;
  return Math.max(birthDay + 2, TOWN_TODAY - 60 - random.below(Math.floor(YEARS_OF_DEATHS * DAYS_A_YEAR)));
}

function chronicOf(random: Random, age: number): ChronicKey[] {
  return CHRONIC_CONDITIONS.filter(({ fromAge, share }) => random.chance(share) && age >= fromAge).map(
    ({ key }) => key,
  );
}
