import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Decimal } from './decimal.js';
import { parseLossless } from './parse-lossless.js';

/** JSON text of a value, a Decimal as its digits. */
function written(value: unknown): string {
  if (value instanceof Decimal) return value.toString();
  if (Array.isArray(value)) return `[${value.map(written).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, member]) => `${JSON.stringify(key)}:${written(member)}`)
    .join(',')}}`;
}

const digits = fc.stringMatching(/^-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?$/);
const text = fc.oneof(fc.string(), digits, fc.constantFrom(': 1.50,', '"1.0"', '\\', '1.50', '[-0]'));
const key = text.filter((name) => name !== '__proto__' && !/^(0|[1-9][0-9]*)$/.test(name));
const { json } = fc.letrec<{ json: string }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 3 },
    digits,
    text.map((value) => JSON.stringify(value)),
    fc.constantFrom('true', 'false', 'null'),
    fc.array(tie('json'), { maxLength: 4 }).map((items) => `[${items.join(',')}]`),
    fc
      .uniqueArray(fc.tuple(key, tie('json')), { maxLength: 4, selector: ([name]) => name })
      .map((members) => `{${members.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`),
  ),
}));

describe('parseLossless', () => {
  it('gives back every digit of every number, wherever it stands', () => {
    fc.assert(fc.property(json, (value) => expect(written(parseLossless(`[ ${value} ]`))).toBe(`[${value}]`)));
  });

  it('leaves what JSON.parse does not change to JSON.parse', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) =>
        expect(JSON.stringify(parseLossless(JSON.stringify(value)))).toBe(JSON.stringify(value)),
      ),
    );
  });

  it('makes Decimals only of numbers that need it', () => {
    expect(parseLossless('{"a": 1.5, "b": 0, "c": "1.50", "d": [2.0]}')).toEqual({
      a: 1.5,
      b: 0,
      c: '1.50',
      d: [new Decimal('2.0')],
    });
  });

  it('a member called __proto__ is a member', () => {
    const parsed = parseLossless('{"__proto__": 1.50}') as object;
    expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
    expect(Object.keys(parsed)).toEqual(['__proto__']);
  });

  it.each(['', '{', '{"a": 01.50}', '[1.50', '1.5.0', '[1.0, ]', '[-]'])('%j is no JSON', (broken) => {
    expect(() => parseLossless(broken)).toThrow(SyntaxError);
  });
});
