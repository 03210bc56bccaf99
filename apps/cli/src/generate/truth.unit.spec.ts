import { describe, expect, it } from '@jest/globals';
import { FILES, tokenOf } from './parsed-town.fixture.js';
import { truthLine, type TruthRow } from './truth.js';

const TRUTH = FILES.flatMap(({ truth }) => truth ?? []);

describe('the truth about a town', () => {
  const sourcesOf = new Map<string, TruthRow[]>();
  for (const row of TRUTH) sourcesOf.set(row.person, [...(sourcesOf.get(row.person) ?? []), row]);

  it('has exactly one row for each Patient', () => {
    const rows = TRUTH.map(({ source, patient }) => `${source} ${patient}`).sort();
    const sent = FILES.flatMap(({ source, entries }) =>
      entries
        .filter(({ resource }) => resource.resourceType === 'Patient')
        .map((entry) => `${source} ${tokenOf(entry)}`),
    );
    expect([...new Set(sent)].sort()).toEqual(rows);
    expect(new Set(rows).size).toBe(rows.length);
  });

  it('knows 500 people, of whom a third are known to two sources, and some to three', () => {
    const counts = [...sourcesOf.values()].map((rows) => new Set(rows.map(({ source }) => source)).size);
    const share = (many: number): number => counts.filter((count) => count === many).length / counts.length;
    expect(counts).toHaveLength(500);
    expect(Math.abs(share(2) - 0.35)).toBeLessThan(0.06);
    expect(Math.abs(share(3) - 0.15)).toBeLessThan(0.05);
  });

  it('knows of duplicates within the hospitals, each with an error', () => {
    const hospital = TRUTH.filter(({ source }) => source !== 'town-lab');
    const people = new Set(hospital.map(({ source, person }) => `${source} ${person}`));
    const duplicates = hospital.length - people.size;
    expect(duplicates / people.size).toBeGreaterThan(0.01);
    expect(duplicates / people.size).toBeLessThan(0.06);
  });

  it('is written as lines of four fields', () => {
    for (const row of TRUTH) expect(truthLine(row)).toMatch(/^[a-z-]+,https:[^,]+\|[^,]+,p\d{6},[a-z;-]*\n$/);
  });
});
