import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { meaningOf } from './column-meaning.js';
import { pathWords } from './path-words.js';
import { IDENTIFYING_ELEMENTS, SMALL_ZIP3 } from './safe-harbor.js';
import meanings from './column-meaning.cases.json' with { type: 'json' };

interface Case {
  around: string[];
  path: string;
  type: string | null;
  means: string;
}

describe('what a column holds', () => {
  it.each(meanings.cases as Case[])('$around $path as $type: $means', ({ around, path, type, means }) => {
    expect(meaningOf([...around, path], type ?? undefined).kind).toBe(means);
  });

  it('is identifying wherever an identifying element stands in the path', () => {
    const element = fc.constantFrom(...IDENTIFYING_ELEMENTS.keys());
    const around = fc.constantFrom(
      (name: string) => `${name}.code`,
      (name: string) => `code.where(${name} = 'x').code`,
      (name: string) => `iif(${name}.exists(), 'a', 'b')`,
      (name: string) => `(code | ${name})`,
      (name: string) => `\`${name}\`.first()`,
      (name: string) => `code[${name}.count()]`,
      (name: string) => `'${name}' & %resource.${name}`,
    );
    const type = fc.constantFrom('code', 'string', 'boolean', 'date', 'integer', undefined);
    fc.assert(
      fc.property(element, around, type, (name, write, of) => {
        expect(meaningOf([write(name)], of).kind).toBe('identifying');
      }),
    );
  });

  it('is found for any text, and a quoted name is none', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii' }), (text) => {
        expect(Array.isArray(pathWords(text).elements)).toBe(true);
        const quoted = text.replace(/[\\']/g, '');
        expect(pathWords(`code.where(system = '${quoted}').code`).elements).toEqual(['code', 'system', 'code']);
      }),
    );
  });
});

describe('the list of small areas', () => {
  it('is that of the guidance: 17 of the Census of 2000', () => {
    expect(new Set(SMALL_ZIP3).size).toBe(17);
    expect(SMALL_ZIP3.every((digits) => /^\d{3}$/.test(digits))).toBe(true);
  });
});
