/**
 * Numbers that are unique without remembering those given out, and do not show their order: `index` times a factor
 * that shares no divisor with `size`, so each index below `size` gives another number.
 */
function spread(index: number, factor: number, size: number): number {
  return (((index + 1) % size) * factor) % size;
}

const SSN_GROUPS = 99;
const SSN_SERIALS = 9_999;
/** Areas 900 to 989: never given out as social security numbers, and apart from the placeholder 999-99-9999. */
const SSN_AREAS = 90;
const SSN_SIZE = SSN_AREAS * SSN_GROUPS * SSN_SERIALS;
const SSN_FACTOR = 38_737_541;

/** A number in the form of a social security number that no real person has; unique up to 89 million people. */
export function ssnLike(personIndex: number): string {
  const number = spread(personIndex, SSN_FACTOR, SSN_SIZE);
  const area = 900 + Math.floor(number / (SSN_GROUPS * SSN_SERIALS));
  const group = 1 + (Math.floor(number / SSN_SERIALS) % SSN_GROUPS);
  const serial = 1 + (number % SSN_SERIALS);
  return `${area}-${String(group).padStart(2, '0')}-${String(serial).padStart(4, '0')}`;
}

const PATIENT_NUMBERS = 90_000_000;
const PATIENT_FACTORS = [7_654_321, 31_415_927, 57_885_161];

/** Eight digits, unique within a site; another order for each site, so that numbers of two sites never tell anything. */
export function patientNumber(siteNumber: number, serial: number): string {
  const factor = PATIENT_FACTORS[siteNumber % PATIENT_FACTORS.length]!;
  return String(10_000_000 + spread(serial, factor, PATIENT_NUMBERS));
}
