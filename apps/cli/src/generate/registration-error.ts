import { type Person } from './person.js';
import { type Random } from './random.js';
import { type Registration } from './registration.js';

/** One way in which registration goes wrong. */
export interface RegistrationError {
  /** The word for it in `truth.csv`. */
  readonly kind: string;
  /** Against the others; what fits few people weighs more than its share comes to. */
  readonly weight: number;
  /** What it changes: two errors never fall on the same thing, or the second could undo the first. */
  readonly touches: readonly ('given' | 'family' | 'birth' | 'ssn' | 'phone' | 'address' | 'suffix' | 'gender')[];
  /** The registration with the error in it, or undefined where there is nothing to get wrong. */
  readonly apply: (random: Random, registration: Registration, person: Person) => Registration | undefined;
}

/** Applies `change` to a field that is there: what was never written down cannot be written wrong. */
export function wherePresent<T>(
  field: T | undefined,
  change: (value: T) => Registration | undefined,
): Registration | undefined {
  return field === undefined ? undefined : change(field);
}
