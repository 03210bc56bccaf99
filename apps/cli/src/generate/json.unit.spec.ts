import { describe, expect, it } from '@jest/globals';
import { decimal, writeJson } from './json.js';

describe('writeJson', () => {
  const value = {
    text: 'a "quoted" \\ line\n',
    name: 'Núñez',
    whole: 3,
    exact: decimal(1.5, 2),
    absent: undefined,
    empty: [],
    list: [true, { deep: false }],
  };

  it('keeps the zeros at the end of a decimal', () => {
    expect(writeJson(value, 0)).toContain('"exact":1.50,');
    expect(writeJson({ value: decimal(140, 0) }, 0)).toBe('{"value":140}');
  });

  it.each([0, 2])('writes what JSON.parse reads, with %i spaces a level', (indent) => {
    expect(JSON.parse(writeJson(value, indent))).toEqual({ ...value, exact: 1.5 });
  });

  it('lays lines out as JSON.stringify does', () => {
    const plain = { a: [1, { b: 'x' }], c: {}, d: [] };
    expect(writeJson(plain, 2)).toBe(JSON.stringify(plain, null, 2));
  });

  it('refuses a number whose precision is not said', () => {
    expect(() => writeJson({ value: 1.5 }, 0)).toThrow('1.5 is not whole: write it as a Decimal');
  });
});
