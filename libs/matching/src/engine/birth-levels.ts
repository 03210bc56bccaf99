/** Levels of COMPARISONS.birthDate. */
export const BIRTH_LEVEL = {
  missing: 0,
  exact: 1,
  oneDigit: 2,
  dayMonthSwapped: 3,
  twoDigits: 4,
  twoParts: 5,
  dayMonth: 6,
  year: 7,
  asFarAsKnown: 8,
  differs: 9,
} as const;

const FIRST_OF_YEAR = 101;

/**
 * How two birth dates (yyyymmdd, 00 for what is not known) agree. January 1 is often written for a day that is not
 * known, so it agrees as a year does.
 */
export function birthLevel(a: number, b: number): number {
  if (a === 0 || b === 0) return BIRTH_LEVEL.missing;
  const restA = a % 10_000;
  const restB = b % 10_000;
  if (a === b) return restA === FIRST_OF_YEAR || restA % 100 === 0 ? BIRTH_LEVEL.asFarAsKnown : BIRTH_LEVEL.exact;
  const dayA = restA % 100;
  const dayB = restB % 100;
  const monthA = (restA - dayA) / 100;
  const monthB = (restB - dayB) / 100;
  const sameYear = a - restA === b - restB;
  if (dayA === 0 || dayB === 0) {
    const agrees = sameYear && (monthA === 0 || monthB === 0 || monthA === monthB);
    return agrees ? BIRTH_LEVEL.asFarAsKnown : BIRTH_LEVEL.differs;
  }
  if (sameYear && dayA === monthB && dayB === monthA) return BIRTH_LEVEL.dayMonthSwapped;
  const digits = digitsApart(a, b);
  if (digits === 1) return BIRTH_LEVEL.oneDigit;
  if (digits === 2) return neighboursSwapped(a, b) ? BIRTH_LEVEL.oneDigit : BIRTH_LEVEL.twoDigits;
  if (sameYear) return dayA === dayB || monthA === monthB ? BIRTH_LEVEL.twoParts : BIRTH_LEVEL.year;
  return restA === restB ? BIRTH_LEVEL.dayMonth : BIRTH_LEVEL.differs;
}

function digitsApart(a: number, b: number): number {
  let count = 0;
  for (; a !== b; a = Math.trunc(a / 10), b = Math.trunc(b / 10)) if (a % 10 !== b % 10) count++;
  return count;
}

function neighboursSwapped(a: number, b: number): boolean {
  while (a % 10 === b % 10) {
    a = Math.trunc(a / 10);
    b = Math.trunc(b / 10);
  }
  return a % 10 === Math.trunc(b / 10) % 10 && b % 10 === Math.trunc(a / 10) % 10;
}
