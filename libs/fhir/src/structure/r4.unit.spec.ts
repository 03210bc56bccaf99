import { describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { elementsOf } from './definitions.js';
import { hashOf } from './name-table.js';
import { R4 } from './r4.table.js';
import { RESOURCE_NAMES, typeTable } from './r4.js';
import { MAX_WORDS } from './type-table.js';

const generator = fileURLToPath(new URL('../../../../tools/fhir-definitions/generate.mjs', import.meta.url));

function memberNames(path: string, names: readonly string[]): (string | undefined)[] {
  return names.map((name) => {
    const bytes = Buffer.from(name);
    return typeTable(path).members.find(bytes, 0, bytes.length, hashOf(bytes))?.name;
  });
}

describe('the structure of R4', () => {
  it('is what the generator makes', () => {
    expect(() => execFileSync(process.execPath, [generator, '--check'], { stdio: 'pipe' })).not.toThrow();
  });

  it('has the 146 resource types of R4', () => {
    expect(R4.resources).toHaveLength(146);
    for (const name of R4.resources) {
      const bytes = Buffer.from(name);
      expect(RESOURCE_NAMES.find(bytes, 0, bytes.length, hashOf(bytes))).toBe(name);
    }
  });

  it('has a table for each type, whose set of members fits and whose elements are all found', () => {
    for (const path of Object.keys(R4.types)) {
      const table = typeTable(path);
      expect(table.words).toBeLessThanOrEqual(MAX_WORDS);
      const names = elementsOf(R4, path).flatMap(({ name, types }) =>
        name.endsWith('[x]') ? types.map((type) => name.slice(0, -3) + type[0]!.toUpperCase() + type.slice(1)) : [name],
      );
      expect(memberNames(path, names)).toEqual(names);
    }
  });

  it('has the elements of base types, siblings of primitives only, and every type of a choice', () => {
    const present = [
      'resourceType',
      'id',
      '_id',
      'meta',
      'contained',
      'deceasedBoolean',
      '_deceasedDateTime',
      'birthDate',
    ];
    const absent = ['deceased', 'deceasedString', '_name', 'value', 'patient', ''];
    expect(memberNames('Patient', present)).toEqual(present);
    expect(memberNames('Patient', absent)).toEqual(absent.map(() => undefined));
  });

  it('knows what is required', () => {
    const required = (path: string): string[] => typeTable(path).requirements.map((it) => it.element);
    expect(required('Observation')).toEqual(['status', 'code']);
    expect(required('MedicationRequest')).toEqual(['status', 'intent', 'medication[x]', 'subject']);
    expect(required('Extension')).toEqual(['url']);
    expect(required('Patient')).toEqual([]);
  });
});
