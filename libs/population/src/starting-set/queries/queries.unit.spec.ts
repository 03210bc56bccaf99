import { readFileSync } from 'node:fs';
import { scanResource } from '@chartledger/fhir';
import { describe, expect, it } from '@jest/globals';
import { readSqlLibrary } from '../../query/sql-library.js';
import { type Coding, type ValueSet } from '../../measure/resources.js';
import { startingMeasures } from '../measures/index.js';
import { SNOMED } from '../measures/value-set.js';
import { VALUE_SETS } from '../measures/value-sets.js';
import { STARTING_VIEWS } from '../starting-views.js';
import { beginnings, CHARLSON } from './charlson.data.js';
import { STARTING_QUERIES } from './index.js';

describe.each(STARTING_QUERIES.map((library) => [library.id, library] as const))('the query %s', (id, library) => {
  it('is a sound Library that depends on what comes before it', () => {
    expect(scanResource(Buffer.from(JSON.stringify(library)), { type: 'Library' }).findings).toEqual([]);
    const { tables, parameters, sql, name } = readSqlLibrary(library);
    const before = STARTING_QUERIES.slice(0, STARTING_QUERIES.indexOf(library));
    const urls = [...STARTING_VIEWS, ...before].map(({ url }) => url);
    for (const { label, canonical } of tables) {
      expect(urls).toContain(canonical);
      expect(sql).toMatch(new RegExp(`\\b${label}\\b`));
    }
    for (const parameter of parameters) expect(sql).toMatch(new RegExp(`:${parameter.name}\\b`));
    expect(name).toBe(id.replaceAll('-', '_'));
    expect(library.description.length).toBeGreaterThan(40);
  });
});

/** https://confluence.ihtsdotools.org/display/DOCRELFMT/5.5+Check+Digit: a mistyped identifier is found. */
function hasCheckDigit(identifier: string): boolean {
  const dihedral = (a: number, b: number): number =>
    a < 5 ? (b < 5 ? (a + b) % 5 : 5 + ((a + b) % 5)) : b < 5 ? 5 + ((a - b + 5) % 5) : (a - b + 10) % 5;
  const first = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
  const permuted = (digit: number, times: number): number => (times === 0 ? digit : permuted(first[digit], times - 1));
  const digits = [...identifier].reverse().map(Number);
  return digits.reduce((check, digit, place) => dihedral(check, permuted(digit, place % 8)), 0) === 0;
}

describe('docs/population-starting-set.md', () => {
  const page = readFileSync(new URL('../../../../../docs/population-starting-set.md', import.meta.url), 'utf8');

  it('names every view, query, measure and value set', () => {
    const ids = [
      ...STARTING_VIEWS.map(({ name }) => name),
      ...STARTING_QUERIES.map(({ id }) => id),
      ...startingMeasures()
        .filter(({ resourceType }) => resourceType !== 'Library')
        .map(({ id }) => id!),
    ];
    expect(ids.filter((id) => !page.includes(`\`${id}\``))).toEqual([]);
  });

  it.each(STARTING_QUERIES.map(({ id, parameter }) => [id, parameter ?? []] as const))(
    'names the parameters of %s',
    (id, parameters) => {
      const rows = page.split('\n').filter((line) => line.startsWith(`| \`${id}\``));
      expect(rows).toHaveLength(1);
      for (const { name } of parameters) expect(rows[0]).toContain(`\`${name}\``);
    },
  );
});

describe('codes', () => {
  it('a check digit that is wrong is found', () => {
    expect([hasCheckDigit('44054006'), hasCheckDigit('44054007'), hasCheckDigit('44045006')]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('every identifier of SNOMED CT has its check digit', () => {
    const inSets = VALUE_SETS.flatMap((set) => concepts(set, SNOMED));
    const all = [...inSets, ...CHARLSON.flatMap(({ snomed }) => snomed.map((one) => one.split('|')[0]))];
    expect(all.filter((code) => !hasCheckDigit(code))).toEqual([]);
    expect(all.length).toBeGreaterThan(60);
  });

  it('no value set names a code twice', () => {
    for (const set of VALUE_SETS) {
      const codes = set.compose!.include!.flatMap(({ system, concept }) =>
        concept!.map(({ code }) => `${system}|${code}`),
      );
      expect([set.id, codes.length]).toEqual([set.id, new Set(codes).size]);
    }
  });
});

function concepts({ compose }: ValueSet, wanted: string): string[] {
  const included = (compose?.include ?? []) as { system?: string; concept?: Coding[] }[];
  return included
    .filter(({ system }) => system === wanted)
    .flatMap(({ concept }) => (concept ?? []).map(({ code }) => code!));
}

describe('the Charlson index', () => {
  it('has the seventeen categories and the weights that are published', () => {
    expect(CHARLSON.map(({ weight }) => weight).sort((a, b) => a - b)).toEqual([
      1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 6, 6,
    ]);
    // Who is in every category has 24 points (Quan et al. 2011): the mild forms do not count.
    const milder = new Set(CHARLSON.filter(({ unless }) => unless).map(({ id }) => id));
    const most = (weight: (one: (typeof CHARLSON)[0]) => number): number =>
      CHARLSON.filter(({ id }) => !milder.has(id)).reduce((sum, one) => sum + weight(one), 0);
    expect([most(({ weight }) => weight), most(({ weight2011 }) => weight2011)]).toEqual([29, 24]);
    const ids = CHARLSON.map(({ id }) => id);
    expect(new Set(ids).size).toBe(17);
    for (const { unless } of CHARLSON) if (unless) expect(ids).toContain(unless);
  });

  it('puts each code into one category, which no shorter beginning takes away', () => {
    const codes = CHARLSON.flatMap(({ icd10 }) => beginnings(icd10));
    expect(codes.filter((code) => !/^[A-Z]\d{2}\d?$/.test(code))).toEqual([]);
    expect(new Set(codes).size).toBe(codes.length);
    expect(codes.filter((code) => code.length === 4 && codes.includes(code.slice(0, 3)))).toEqual([]);
    const concepts = CHARLSON.flatMap(({ snomed }) => snomed.map((one) => one.split('|')[0]));
    expect(new Set(concepts).size).toBe(concepts.length);
  });

  it('reads ranges', () => {
    expect(beginnings('C00-C02 K700-K702 B24')).toEqual(['C00', 'C01', 'C02', 'K700', 'K701', 'K702', 'B24']);
  });
});
