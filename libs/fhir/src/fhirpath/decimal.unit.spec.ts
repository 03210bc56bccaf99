import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  calculate,
  compareNumerics,
  Decimal,
  decimalBoundary,
  type Numeric,
  numericOf,
  numericScaled,
} from './decimal.js';

const shown = (value: Numeric | undefined): string | undefined => (value === undefined ? undefined : String(value));

describe('numericOf', () => {
  it.each(['1', '-7', '0', '1.5', '0.1'])('%s is a number', (text) => expect(numericOf(text)).toBe(Number(text)));

  it.each(['1.50', '1.0', '-0', '1e3', '12345678901234567890', '0.1234567890123456789', '1E-9'])(
    '%s keeps its digits',
    (text) => expect(String(numericOf(text))).toBe(text),
  );

  it('no member of a Decimal can be reached, and JSON.stringify gives the nearest number', () => {
    const decimal = new Decimal('1.50');
    expect(Object.keys(decimal)).toEqual([]);
    expect(JSON.stringify({ decimal })).toBe('{"decimal":1.5}');
  });
});

describe('arithmetic', () => {
  it.each<[string, '+' | '-' | '*' | '/', string, string | undefined]>([
    ['0.1', '+', '0.2', '0.3'],
    ['1.50', '+', '0', '1.5'],
    ['12345678901234567890', '+', '0.10', '12345678901234567890.1'],
    ['1', '-', '1.0', '0'],
    ['-1.5', '*', '2', '-3'],
    ['1', '/', '3', '0.3333333333333333333333333333333'],
    ['2', '/', '3', '0.6666666666666666666666666666667'],
    ['-2', '/', '3', '-0.6666666666666666666666666666667'],
    ['3', '/', '2', '1.5'],
    ['1e3', '/', '1e-3', '1000000'],
    ['1', '/', '0', undefined],
    ['1e999999999', '+', '1', undefined],
  ])('%s %s %s is %s', (left, operator, right, wanted) => {
    expect(shown(calculate(operator, numericOf(left), numericOf(right)))).toBe(wanted);
  });

  it('sums of any decimals are those of their hundredths', () => {
    const hundredths = fc.integer({ min: -1_000_000_000, max: 1_000_000_000 });
    const decimal = (value: number): Numeric => numericOf((value / 100).toFixed(2));
    fc.assert(
      fc.property(hundredths, hundredths, (a, b) => {
        expect(Number(calculate('+', decimal(a), decimal(b)))).toBe((a + b) / 100);
        expect(Number(calculate('-', decimal(a), decimal(b)))).toBe((a - b) / 100);
        expect(Math.sign(compareNumerics(decimal(a), decimal(b)) ?? NaN)).toBe(Math.sign(a - b));
      }),
    );
  });
});

describe('compareNumerics', () => {
  it.each([
    ['1.50', '1.5', 0],
    ['1e2', '100', 0],
    ['9007199254740993', '9007199254740992', 1],
    ['-0.10', '-0.1', 0],
    ['0.10', '0.11', -1],
  ])('%s against %s is %s', (left, right, wanted) => {
    expect(compareNumerics(numericOf(left), numericOf(right))).toBe(wanted);
  });
});

describe('decimalBoundary', () => {
  it.each([
    ['1.0', '0.95', '1.05'],
    ['1', '0.5', '1.5'],
    ['1.587', '1.5865', '1.5875'],
    ['-1.0', '-1.05', '-0.95'],
    ['0', '-0.5', '0.5'],
  ])('%s stands for %s to %s', (text, low, high) => {
    const value = numericOf(text);
    expect([shown(decimalBoundary(value, 'low')), shown(decimalBoundary(value, 'high'))]).toEqual([low, high]);
  });
});

describe('numericScaled', () => {
  it.each<[string, number, bigint | undefined]>([
    ['1.25', 2, 125n],
    ['1.25', 1, 13n],
    ['-1.25', 1, -13n],
    ['1e3', 0, 1000n],
    ['1e999', 0, undefined],
  ])('%s by %s digits is %s', (text, scale, wanted) => expect(numericScaled(numericOf(text), scale)).toBe(wanted));
});
