import { describe, expect, it } from '@jest/globals';
import { FEMALE_NAMES, MALE_NAMES } from './given-names.data.js';
import { NICKNAMES } from './nicknames.data.js';
import { patientNumber, ssnLike } from './numbers.js';
import { SURNAMES } from './surnames.data.js';

describe('the lists of names', () => {
  it.each([
    ['surnames', SURNAMES],
    ['names of women', FEMALE_NAMES],
    ['names of men', MALE_NAMES],
  ])('%s are many, and none stands twice', (_what, names) => {
    expect(names.length).toBeGreaterThanOrEqual(200);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  });

  it('have short names that differ from the full ones', () => {
    for (const [full, short] of NICKNAMES) {
      expect([...FEMALE_NAMES, ...MALE_NAMES, 'Eleanor']).toContain(full);
      expect(short).not.toContain(full);
    }
  });
});

describe('numbers', () => {
  it('are unique, and have the form of their kind', () => {
    const ssns = Array.from({ length: 20_000 }, (_none, index) => ssnLike(index));
    expect(new Set(ssns).size).toBe(20_000);
    for (const ssn of ssns) expect(ssn).toMatch(/^9[0-8]\d-(?!00)\d\d-(?!0000)\d{4}$/);
    const numbers = [1, 2, 3].map(
      (site) => new Set(Array.from({ length: 20_000 }, (_none, at) => patientNumber(site, at))),
    );
    for (const ofSite of numbers) expect(ofSite.size).toBe(20_000);
    expect(patientNumber(1, 7)).toMatch(/^\d{8}$/);
  });
});
