import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { type GeneratedFile } from './generated-file.js';
import { FILES, type ParsedEntry, tokenOf } from './parsed-town.fixture.js';
import { SMALL_RESOURCES_PER_PATIENT, town } from './town.js';

const digest = (files: Iterable<GeneratedFile>): string => {
  const hash = createHash('sha256');
  for (const { path, text } of files) hash.update(`${path}\n${text}\n`);
  return hash.digest('hex');
};

describe('the bytes of a town', () => {
  it('are the same for the same seed, and others for another', () => {
    const options = { patients: 40, seed: 1 };
    expect(digest(town(options))).toBe(digest(town(options)));
    expect(digest(town({ ...options, seed: 2 }))).not.toBe(digest(town(options)));
  });

  it('are the same on every machine', () => {
    // Changes with every change of what is generated: then put the new digest here, knowing that all towns are others.
    expect(digest(town({ patients: 25, seed: 1 }))).toBe(
      '4be62c8ba2f9347834b3493a8249ddd0ca53dda3fd86b2c380016a138977246b',
    );
  });

  it('begin, for a larger town, with those of the smaller', () => {
    const isRecord = ({ path }: GeneratedFile): boolean => !path.includes('/updates/');
    const smaller = [...town({ patients: 40, seed: 1 })].filter(isRecord);
    expect([...town({ patients: 80, seed: 1 })].slice(0, smaller.length)).toEqual(smaller);
  });

  it('are checked', () => {
    expect(() => [...town({ patients: 0, seed: 1 })]).toThrow('patients must be a whole number from 1');
    expect(() => [...town({ patients: 1, seed: -1 })]).toThrow('seed must be');
    expect(() => [...town({ patients: 1, seed: 1, resourcesPerPatient: 0 })]).toThrow('resources per patient');
  });
});

describe('the files of a town', () => {
  it('can be loaded by name within a source: organizations, patients, updates', () => {
    for (const source of ['st-mary', 'lakeside', 'town-lab']) {
      const paths = FILES.filter((file) => file.source === source).map(({ path }) => path);
      expect(paths).toEqual([...paths].sort());
      expect(paths[0]).toBe(`${source}/organizations.json`);
      expect(new Set(paths).size).toBe(paths.length);
    }
    expect(FILES.some(({ path }) => path === 'lakeside/updates/000002.json')).toBe(true);
  });

  it('goes into folders of a thousand when it is large', () => {
    const wanted = 'st-mary/patients/001/001001.json';
    let last = '';
    for (const { path } of town({ patients: 5_001, seed: 1, resourcesPerPatient: 1 })) {
      if (path.startsWith('st-mary/patients/001/')) last = path;
      if (last === wanted) break;
    }
    expect(last).toBe(wanted);
  });

  it('hold well-formed entries: a fullUrl of their own, a request that fits, nothing empty', () => {
    const fits = ({ resource: { resourceType, id }, request }: ParsedEntry): boolean =>
      request.method === 'PUT'
        ? request.url === `${resourceType}/${id}`
        : request.url === resourceType && id === undefined;
    for (const { path, entries, text, bundleType, resources } of FILES) {
      expect(bundleType).toBe(path.endsWith('/organizations.json') ? 'batch' : 'transaction');
      expect(new Set(entries.map(({ fullUrl }) => fullUrl)).size).toBe(entries.length);
      expect(resources).toBe(entries.length);
      expect(entries.filter((entry) => !fits(entry))).toEqual([]);
      expect(/\[\s*\]|\{\s*\}|:\s*null|:\s*""/.test(text)).toBe(false);
    }
  });

  it('refer by urn:uuid to what is in the same Bundle only', () => {
    for (const { entries, references } of FILES) {
      const here = new Set(entries.map(({ fullUrl }) => fullUrl));
      expect(references.filter((reference) => reference.startsWith('urn:') && !here.has(reference))).toEqual([]);
    }
  });

  it('refer by identifier to exactly one entry of the organizations of their source', () => {
    for (const { source, references } of FILES) {
      const known = FILES.find(({ path }) => path === `${source}/organizations.json`)!.entries;
      const targets = known.map((entry) => `${entry.resource.resourceType}?identifier=${tokenOf(entry)}`);
      expect(new Set(targets).size).toBe(targets.length);
      const conditional = references.filter((reference) => reference.includes('?'));
      expect(conditional.filter((reference) => !targets.includes(reference))).toEqual([]);
      for (const entry of known) expect(entry.request.ifNoneExist).toBe(`identifier=${tokenOf(entry)}`);
    }
  });

  it('refer by id, in updates, to what the source has sent under that id', () => {
    const sent = new Set(
      FILES.flatMap(({ source, entries }) => entries.map(({ request }) => `${source} ${request.url}`)),
    );
    const updates = FILES.filter(({ path }) => path.includes('/updates/'));
    for (const { source, references } of updates) {
      const literal = references.filter((reference) => !reference.includes('?') && !reference.startsWith('urn:'));
      for (const reference of literal) expect(sent).toContain(`${source} ${reference}`);
    }
    const firsts = FILES.filter(({ truth }) => truth !== undefined).flatMap(({ entries }) => entries);
    const puts = new Set(firsts.filter(({ request }) => request.method === 'PUT').map(({ request }) => request.url));
    for (const { entries } of updates) {
      for (const { request } of entries) if (request.method === 'PUT') expect(puts).toContain(request.url);
    }
  });

  it('have one Provenance a patient file, which names all else in it', () => {
    for (const { entries, truth } of FILES) {
      if (truth === undefined) continue;
      const provenances = entries.filter(({ resource }) => resource.resourceType === 'Provenance');
      expect(provenances).toHaveLength(1);
      const { target } = provenances[0]!.resource as unknown as { target: { reference: string }[] };
      const others = entries.filter((entry) => entry !== provenances[0]).map(({ fullUrl }) => fullUrl);
      expect(target.map(({ reference }) => reference)).toEqual(others);
    }
  });

  it('hold decimals with zeros at the end', () => {
    expect(FILES.some(({ text }) => /"value": ?\d+\.\d*0,/.test(text))).toBe(true);
  });

  it('are of the size wished for', () => {
    const mean = (files: readonly GeneratedFile[]): number => {
      const sizes = files
        .filter(({ truth, source }) => truth && source !== 'town-lab')
        .map(({ resources }) => resources);
      return sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
    };
    expect(Math.abs(mean(FILES) - 45)).toBeLessThan(5);
    const small = [...town({ patients: 200, seed: 1, resourcesPerPatient: SMALL_RESOURCES_PER_PATIENT })];
    expect(mean(small)).toBeLessThan(16);
  });
});
