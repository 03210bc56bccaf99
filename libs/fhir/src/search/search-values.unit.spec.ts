import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { splitOr, splitUnescaped, unescapeSearchValue } from './search-values.js';
import { parseTokenParam, type TokenParam } from './token-parameter.js';

const escape = (text: string): string => text.replace(/[\\,|$]/g, '\\$&');

describe('parseTokenParam', () => {
  const cases: [string, TokenParam | undefined][] = [
    ['123', { value: '123' }],
    ['http://example.org/mrn|123', { system: 'http://example.org/mrn', value: '123' }],
    ['|123', { system: '', value: '123' }],
    ['http://example.org/mrn|', { system: 'http://example.org/mrn' }],
    ['a\\|b', { value: 'a|b' }],
    ['s\\|t|a\\|b', { system: 's|t', value: 'a|b' }],
    ['s|a\\,b\\$c\\\\d', { system: 's', value: 'a,b$c\\d' }],
    ['s|a|b', { system: 's', value: 'a|b' }],
    ['s\\\\|a', { system: 's\\', value: 'a' }],
    ['a\\x', { value: 'a\\x' }],
    ['a\\', { value: 'a\\' }],
    [' a ', { value: ' a ' }],
    ['', undefined],
    ['|', undefined],
  ];
  it.each(cases)('%j', (text, token) => {
    expect(parseTokenParam(text)).toEqual(token);
  });

  it('reads back whatever was escaped', () => {
    const text = fc.string({ minLength: 1 });
    fc.assert(
      fc.property(text, text, (system, value) => {
        expect(parseTokenParam(`${escape(system)}|${escape(value)}`)).toEqual({ system, value });
      }),
    );
  });
});

describe('splitOr', () => {
  it.each([
    ['a', ['a']],
    ['a,b', ['a', 'b']],
    ['a\\,b,c', ['a\\,b', 'c']],
    ['a\\\\,b', ['a\\\\', 'b']],
    ['s|a,s|b', ['s|a', 's|b']],
    [',a,,b,', ['a', 'b']],
    ['', []],
  ])('%j', (text, parts) => {
    expect(splitOr(text)).toEqual(parts);
  });

  it('gives back the parts that were joined', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1 })), (parts) => {
        expect(splitOr(parts.map(escape).join(',')).map(unescapeSearchValue)).toEqual(parts);
      }),
    );
  });
});

describe('splitUnescaped', () => {
  it('leaves the rest to the last part', () => {
    expect(splitUnescaped('a$b$c', '$', 2)).toEqual(['a', 'b$c']);
    expect(splitUnescaped('a$b$c', '$')).toEqual(['a', 'b', 'c']);
  });
});
