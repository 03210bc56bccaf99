import { isoDate } from './dates.js';
import { type Address, type Person } from './person.js';
import { type Random } from './random.js';
import { type Site } from './sites.js';

/** What the desk of a site wrote down about a person. What is undefined was not asked or not known. */
export interface Registration {
  readonly family?: string;
  readonly given: readonly string[];
  readonly suffix?: string;
  /** A former surname that the site knows beside the present one. */
  readonly formerFamily?: string;
  readonly gender: 'female' | 'male' | 'unknown';
  readonly birthDate?: string;
  readonly birthOrder?: number;
  readonly deathDate?: string;
  readonly married?: boolean;
  readonly mother?: Person['mother'];
  readonly ssn?: string;
  readonly phone?: string;
  readonly email?: string;
  readonly address?: Address;
}

/** How often a field is asked for and written down. That one is empty is usual, and not counted as an error. */
interface Habits {
  readonly ssn: number;
  readonly email: number;
  readonly phone: number;
  readonly address: number;
  readonly middle: number;
  readonly formerFamily: number;
}
const HOSPITAL: Habits = { ssn: 0.55, email: 0.5, phone: 0.95, address: 1, middle: 0.45, formerFamily: 0.15 };
const LABORATORY: Habits = { ssn: 0.2, email: 0.15, phone: 0.8, address: 0.9, middle: 0.2, formerFamily: 0 };

/** The registration of a person as a careful clerk would write it, by the habits of the site. */
export function register(random: Random, person: Person, site: Site): Registration {
  const habits = site.kind === 'hospital' ? HOSPITAL : LABORATORY;
  const when = (share: number): boolean => random.chance(share);
  const middle = when(habits.middle) ? [random.chance(0.5) ? person.middle : person.middle[0]!] : [];
  return {
    family: person.family,
    given: [person.given, ...middle],
    suffix: person.suffix,
    formerFamily: when(habits.formerFamily) ? person.maiden : undefined,
    gender: person.sex,
    birthDate: isoDate(person.birthDay),
    birthOrder: person.birthOrder !== undefined && when(0.6) ? person.birthOrder : undefined,
    deathDate: person.deathDay !== undefined && when(0.7) ? isoDate(person.deathDay) : undefined,
    married: site.kind === 'hospital' && when(0.8) ? person.married : undefined,
    ssn: when(habits.ssn) ? person.ssn : undefined,
    phone: when(habits.phone) ? person.phone : undefined,
    email: when(habits.email) ? person.email : undefined,
    address: when(habits.address) ? person.address : undefined,
  };
}
