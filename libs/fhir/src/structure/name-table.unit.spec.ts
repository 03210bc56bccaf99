import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hashOf, NameTable } from './name-table.js';

describe('NameTable', () => {
  it('finds what was put in and nothing else', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string()), fc.string(), (names, other) => {
        const table = new NameTable(names.map((name, index) => [name, index]));
        const find = (name: string): number | undefined => {
          const text = Buffer.from(`"${name}"`);
          return table.find(text, 1, text.length - 1, hashOf(text, 1, text.length - 1));
        };
        names.forEach((name, index) => expect(find(name)).toBe(index));
        expect(find(other)).toBe(names.includes(other) ? names.indexOf(other) : undefined);
      }),
    );
  });
});
