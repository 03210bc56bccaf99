import { describe, expect, it } from '@jest/globals';
import { choiceKeysOfName, choiceKeysOfPath, hasHomonym, isChoicePath, isKindOfType } from './data-types.js';
import { elementKeys } from './element.js';
import { DEFINITIONS, type ElementDefinition } from './synthetic-resources.fixture.js';

const elements = [...DEFINITIONS.values()].flat();

/** The keys under which JSON may hold an element. */
function keysOf({ path, type = [] }: ElementDefinition): string[] {
  const name = path.slice(path.lastIndexOf('.') + 1);
  if (!name.endsWith('[x]')) return [name];
  return type.map(({ code }) => name.slice(0, -3) + code.charAt(0).toUpperCase() + code.slice(1));
}

describe('choice elements', () => {
  it('are found by path and by name', () => {
    expect(isChoicePath('Observation.effective')).toBe(true);
    expect(isChoicePath('Observation.code')).toBe(false);
    expect(choiceKeysOfPath('Observation.effective')).toEqual([
      'effectiveDateTime',
      'effectivePeriod',
      'effectiveTiming',
      'effectiveInstant',
    ]);
    expect(choiceKeysOfPath('Observation.effective', 'Period')).toEqual(['effectivePeriod']);
    expect(choiceKeysOfPath('Extension.value')).toHaveLength(50);
    expect(choiceKeysOfPath('Extension.value', 'Quantity')).toContain('valueAge');
    expect(choiceKeysOfName('multipleBirth')).toEqual(['multipleBirthBoolean', 'multipleBirthInteger']);
    expect(choiceKeysOfName('birthDate')).toEqual([]);
    expect(choiceKeysOfName('constructor')).toEqual([]);
  });

  it('no element of R4 is mistaken for another of the same parent', () => {
    const siblings = new Map<string, ElementDefinition[]>();
    for (const element of elements) {
      const parent = element.path.slice(0, Math.max(0, element.path.lastIndexOf('.')));
      siblings.set(parent, [...(siblings.get(parent) ?? []), element]);
    }
    const mistaken = elements.flatMap((element) => {
      const name = element.path.slice(element.path.lastIndexOf('.') + 1).replace('[x]', '');
      if (!element.path.includes('.') || !/^[a-z]/.test(name)) return [];
      const own = new Set(keysOf(element));
      const parent = element.path.slice(0, element.path.lastIndexOf('.'));
      const others = (siblings.get(parent) ?? []).filter(({ path }) => path !== element.path).flatMap(keysOf);
      return elementKeys(name, undefined)
        .filter((key) => !own.has(key) && others.includes(key))
        .map((key) => `${parent}.${key}`);
    });
    expect(mistaken).toEqual([]);
  });
});

describe('data types', () => {
  it('specialise others', () => {
    expect(isKindOfType('Age', 'Quantity')).toBe(true);
    expect(isKindOfType('canonical', 'uri')).toBe(true);
    expect(isKindOfType('Quantity', 'Age')).toBe(false);
  });

  it('know the elements that share a name with a choice', () => {
    expect(hasHomonym('code', 'CodeableConcept')).toBe(true);
    expect(hasHomonym('effective', 'dateTime')).toBe(false);
  });
});
