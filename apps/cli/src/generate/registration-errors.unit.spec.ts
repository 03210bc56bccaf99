import { describe, expect, it } from '@jest/globals';
import { FIELD_ERRORS } from './field-errors.js';
import { NAME_ERRORS } from './name-errors.js';
import { people } from './people.js';
import { Random } from './random.js';
import { register, type Registration } from './registration.js';
import { distort } from './registration-errors.js';
import { ST_MARY } from './sites.js';
import { oneDigitOff, plainLetters, typo } from './text-errors.js';

const TOWN = [...people(3, 4_000)];
const ALL = [...NAME_ERRORS, ...FIELD_ERRORS];

/** The first change that an error makes to somebody in the town. */
function firstChange(kind: string): { before: Registration; after: Registration } {
  const error = ALL.find((candidate) => candidate.kind === kind)!;
  for (const person of TOWN) {
    const random = new Random(1, person.index);
    const before = register(random, person, ST_MARY);
    const after = error.apply(random, before, person);
    if (after !== undefined) return { before, after };
  }
  throw new Error(`${kind} befalls nobody in ${TOWN.length} people`);
}

describe('registration errors', () => {
  it.each(ALL.map(({ kind }) => kind))('%s befalls somebody, and changes the record', (kind) => {
    const { before, after } = firstChange(kind);
    expect(after).not.toEqual(before);
  });

  it('turns day and month round', () => {
    const { before, after } = firstChange('birth-day-month');
    const [year, month, day] = before.birthDate!.split('-');
    expect(after.birthDate).toBe(`${year}-${day}-${month}`);
  });

  it('gets one digit of a birth date wrong, never the century, and the date exists', () => {
    const { before, after } = firstChange('birth-digit');
    const differing = Array.from(before.birthDate!).filter((char, at) => char !== after.birthDate![at]);
    expect(differing).toHaveLength(1);
    expect(after.birthDate!.slice(0, 2)).toBe(before.birthDate!.slice(0, 2));
    expect(new Date(after.birthDate!).toISOString()).toContain(after.birthDate!);
  });

  it('swaps given and family name, and leaves the middle name', () => {
    const { before, after } = firstChange('swapped-names');
    expect([after.family, after.given[0]]).toEqual([before.given[0], before.family]);
    expect(after.given.slice(1)).toEqual(before.given.slice(1));
  });

  it('names the mother of a newborn without a name', () => {
    const { after } = firstChange('placeholder-name');
    expect(after.given[0]).toMatch(/^Baby (Boy|Girl)( [AB])?$/);
    expect(after.ssn).toBeUndefined();
  });

  it('reports exactly what it did: no error, no change; at least one where one is asked for', () => {
    let clean = 0;
    for (const person of TOWN) {
      const random = new Random(2, person.index);
      const before = register(random, person, ST_MARY);
      const { registration, errors } = distort(random, before, person);
      if (errors.length === 0) expect(registration).toEqual(before);
      else expect(registration).not.toEqual(before);
      if (errors.length === 0) clean++;
      expect(new Set(errors).size).toBe(errors.length);
      expect(distort(random, before, person, 1).errors.length).toBeGreaterThan(0);
    }
    expect(clean / TOWN.length).toBeGreaterThan(0.45);
    expect(clean / TOWN.length).toBeLessThan(0.6);
  });
});

describe('slips of the hand', () => {
  it('are one edit away, and keep the first letter', () => {
    const random = new Random(4);
    for (let i = 0; i < 500; i++) {
      const slipped = typo(random, 'Thornton');
      if (slipped === undefined) continue;
      expect(slipped[0]).toBe('T');
      expect(Math.abs(slipped.length - 8)).toBeLessThanOrEqual(1);
      expect(slipped).not.toBe('Thornton');
    }
    expect(typo(random, 'Lee')).toBeUndefined();
    expect(oneDigitOff(random, 'no digits')).toBeUndefined();
  });

  it('drop diacritics, also those that Unicode does not take apart', () => {
    expect(plainLetters('Núñez Łukasik Østergaard Guðmunds O’Brien')).toBe('Nunez Lukasik Ostergaard Gudmunds O’Brien');
  });
});
