import { ageOn, TOWN_TODAY } from './dates.js';
import { NICKNAMES } from './nicknames.data.js';
import { type RegistrationError, wherePresent } from './registration-error.js';
import { type Registration } from './registration.js';
import { typo } from './text-errors.js';

/** Older children have long been registered again under their name. */
const PLACEHOLDER_NAME_AGE = 12;

/** What goes wrong with names. */
export const NAME_ERRORS: readonly RegistrationError[] = [
  {
    kind: 'typo-given',
    weight: 10,
    touches: ['given'],
    apply: (random, registration) => withGiven(registration, typo(random, registration.given[0] ?? '')),
  },
  {
    kind: 'typo-family',
    weight: 10,
    touches: ['family'],
    apply: (random, registration) => withFamily(registration, typo(random, registration.family ?? '')),
  },
  {
    kind: 'nickname',
    weight: 14,
    touches: ['given'],
    apply: (random, registration, person) => {
      const short = NICKNAMES.get(person.given);
      return short && withGiven(registration, random.pick(short));
    },
  },
  {
    kind: 'initial',
    weight: 3,
    touches: ['given'],
    apply: (_random, registration) => withGiven(registration, Array.from(registration.given[0] ?? '')[0]),
  },
  {
    kind: 'middle-name-first',
    weight: 2,
    touches: ['given'],
    apply: (_random, registration, person) => withGiven(registration, person.middle),
  },
  {
    kind: 'swapped-names',
    weight: 4,
    touches: ['given', 'family'],
    apply: (_random, registration) => {
      const [given, ...middle] = registration.given;
      if (given === undefined || registration.family === undefined) return undefined;
      return { ...registration, family: given, given: [registration.family, ...middle] };
    },
  },
  {
    kind: 'surname-changed',
    weight: 24,
    touches: ['family'],
    apply: (random, registration, { maiden, family }) => {
      if (maiden === undefined) return undefined;
      const name = random.chance(0.7) ? maiden : `${maiden}-${family}`;
      return { ...registration, family: name, formerFamily: undefined };
    },
  },
  {
    kind: 'placeholder-name',
    weight: 18,
    touches: ['given', 'ssn'],
    apply: (_random, registration, person) => {
      if (ageOn(TOWN_TODAY, person.birthDay) >= PLACEHOLDER_NAME_AGE) return undefined;
      const twin = person.birthOrder === undefined ? '' : ` ${'AB'[person.birthOrder - 1]}`;
      const name = person.sex === 'male' ? 'Baby Boy' : 'Baby Girl';
      return { ...registration, given: [name + twin], mother: person.mother, ssn: undefined, email: undefined };
    },
  },
  {
    kind: 'suffix-dropped',
    weight: 10,
    touches: ['suffix'],
    apply: (_random, registration) => wherePresent(registration.suffix, () => ({ ...registration, suffix: undefined })),
  },
];

function withGiven(registration: Registration, given: string | undefined): Registration | undefined {
  const [first, ...middle] = registration.given;
  if (given === undefined || given === first) return undefined;
  return { ...registration, given: [given, ...middle] };
}

function withFamily(registration: Registration, family: string | undefined): Registration | undefined {
  return family === undefined ? undefined : { ...registration, family };
}
