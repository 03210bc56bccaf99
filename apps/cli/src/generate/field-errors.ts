import { isPossibleBirthDate } from './dates.js';
import { type RegistrationError, wherePresent } from './registration-error.js';
import { oneDigitOff, typo } from './text-errors.js';

/** What desks enter when they do not know. */
export const PLACEHOLDER_SSN = '999-99-9999';
export const PLACEHOLDER_BIRTH_DATE = '1900-01-01';

/** Draws before a birth date is left as it is: most single digits make no possible date. */
const MOST_DATE_DRAWS = 30;

/** What goes wrong with all that is not a name. */
export const FIELD_ERRORS: readonly RegistrationError[] = [
  {
    kind: 'birth-day-month',
    weight: 12,
    touches: ['birth'],
    apply: (_random, registration) => {
      const [year, month, day] = (registration.birthDate ?? '').split('-');
      const turned = `${year}-${day}-${month}`;
      if (day === undefined || day === month || !isPossibleBirthDate(turned)) return undefined;
      return { ...registration, birthDate: turned };
    },
  },
  {
    kind: 'birth-digit',
    weight: 7,
    touches: ['birth'],
    apply: (random, registration) =>
      wherePresent(registration.birthDate, (birthDate) => {
        for (let draws = 0; draws < MOST_DATE_DRAWS; draws++) {
          // The century is read off the person's face: it is never wrong.
          const slipped = birthDate.slice(0, 2) + oneDigitOff(random, birthDate.slice(2));
          if (isPossibleBirthDate(slipped)) return { ...registration, birthDate: slipped };
        }
        return undefined;
      }),
  },
  {
    kind: 'placeholder-birth-date',
    weight: 2,
    touches: ['birth'],
    apply: (_random, registration) => ({ ...registration, birthDate: PLACEHOLDER_BIRTH_DATE }),
  },
  {
    kind: 'missing-birth-date',
    weight: 2,
    touches: ['birth'],
    apply: (_random, registration) =>
      wherePresent(registration.birthDate, () => ({ ...registration, birthDate: undefined })),
  },
  {
    kind: 'ssn-digit',
    weight: 6,
    touches: ['ssn'],
    apply: (random, registration) =>
      wherePresent(registration.ssn, (ssn) => ({ ...registration, ssn: oneDigitOff(random, ssn) })),
  },
  {
    kind: 'placeholder-ssn',
    weight: 5,
    touches: ['ssn'],
    apply: (_random, registration) => ({ ...registration, ssn: PLACEHOLDER_SSN }),
  },
  {
    kind: 'phone-digit',
    weight: 5,
    touches: ['phone'],
    apply: (random, registration) =>
      wherePresent(registration.phone, (phone) => ({ ...registration, phone: oneDigitOff(random, phone) })),
  },
  {
    kind: 'old-phone',
    weight: 8,
    touches: ['phone'],
    apply: (_random, registration, person) =>
      wherePresent(registration.phone, () => ({ ...registration, phone: person.formerPhone })),
  },
  {
    kind: 'missing-contact',
    weight: 4,
    touches: ['phone'],
    apply: (_random, registration) =>
      wherePresent(registration.phone ?? registration.email, () => ({
        ...registration,
        phone: undefined,
        email: undefined,
      })),
  },
  {
    kind: 'moved',
    weight: 12,
    touches: ['address'],
    apply: (_random, registration, person) =>
      wherePresent(registration.address, () => ({ ...registration, address: person.formerAddress })),
  },
  {
    kind: 'typo-address',
    weight: 5,
    touches: ['address'],
    apply: (random, registration) =>
      wherePresent(registration.address, (address) => {
        const [number, street, ...rest] = address.line.split(' ');
        const slipped = typo(random, street ?? '');
        if (slipped === undefined) return undefined;
        return { ...registration, address: { ...address, line: [number, slipped, ...rest].join(' ') } };
      }),
  },
  {
    kind: 'missing-address',
    weight: 3,
    touches: ['address'],
    apply: (_random, registration) =>
      wherePresent(registration.address, () => ({ ...registration, address: undefined })),
  },
  {
    kind: 'missing-gender',
    weight: 2,
    touches: ['gender'],
    apply: (_random, registration) => ({ ...registration, gender: 'unknown' }),
  },
];
