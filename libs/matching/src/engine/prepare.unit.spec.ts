import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseBirthDate } from './birth-date.js';
import { parseIdentifier, parsePhone } from './contact-codes.js';
import { DEFAULT_MODEL } from './default-model.js';
import { parseAddress } from './home-address.js';
import { MatchEngine } from './match-engine.js';
import { parseFamily, parseGiven } from './person-name.js';

describe('preparation', () => {
  it.each([
    ['1984-03-07', 19840307],
    ['19840307', 19840307],
    ['1984-03', 19840300],
    ['1984', 19840000],
    ['8/22/1986 0:00', 19860822],
    ['22.8.1986', 19860822],
    ['22 Aug 1986', 19860822],
    ['1900-01-01', 0],
    ['9', 0],
    ['', 0],
  ])('reads the birth date %s', (raw, date) => {
    expect(parseBirthDate(raw)).toBe(date);
  });

  it.each([
    ['+61 409 944 702', '409944702'],
    ['0409944702', '409944702'],
    ['(231) 512-9048', '2315129048'],
    ['+1 231 512 9048', '2315129048'],
    ['000-0000', ''],
    ['n/a', ''],
  ])('reads the phone %s', (raw, digits) => {
    expect(parsePhone(raw)).toBe(digits);
  });

  it.each(['999-99-9999', '123-45-6789', '0000000', 'N/A', ''])('takes the identifier %s for none', (raw) => {
    expect(parseIdentifier(raw)).toBe('');
  });

  it('reads names: suffixes, particles, hyphens, placeholders', () => {
    expect(parseFamily("O'Brien Jr.")).toMatchObject({ text: 'obrien', suffix: 2 });
    expect(parseFamily('van Rossen').parts).toEqual(['rossen']);
    expect(parseFamily('Müller-Smith')).toMatchObject({ text: 'mullersmith', parts: ['muller', 'smith'] });
    expect(parseGiven('Baby Boy B')).toMatchObject({ text: '', order: 2 });
    expect(parseGiven('John Q')).toMatchObject({ text: 'john', middle: 'q' });
    expect(parseGiven('Unknown').text).toBe('');
    expect(parseGiven('👶').text).toBe('');
    expect(parseGiven('فاطمة').text).not.toBe('');
  });

  it('reads addresses, in one line or in parts', () => {
    const parts = parseAddress({ number: '63', street: 'Hardin Circle', city: 'St Albans', postcode: '49713-1234' });
    expect(parseAddress({ line: '63 Hardin Cir', city: 'Saint Albans', postcode: '49713' })).toEqual(parts);
    expect(parts).toEqual({ number: '63', street: 'hardin', suburb: 'saintalbans', postcode: '49713' });
  });

  it('never fails on odd records, and compares them symmetrically', () => {
    const engine = new MatchEngine(DEFAULT_MODEL);
    const odd = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.constantFrom('', 'A', 'Ann', '1984', '👶', 'Baby'),
    );
    const fields = fc.record({
      names: fc.array(fc.record({ given: fc.array(odd, { maxLength: 3 }), family: odd, suffix: odd }), {
        maxLength: 200,
      }),
      birthDate: odd,
      sex: odd,
      phones: fc.array(odd),
      emails: fc.array(odd),
      addresses: fc.array(fc.record({ line: odd, city: odd, postcode: odd })),
      identifiers: fc.array(fc.record({ system: odd, value: odd })),
      motherName: fc.record({ given: odd, family: odd }),
      multipleBirth: fc.oneof(fc.boolean(), fc.double()),
    });
    fc.assert(
      fc.property(fields, fields, (x, y) => {
        const a = engine.prepare(x);
        const b = engine.prepare(y);
        expect(engine.compare(a, b)).toEqual(engine.compare(b, a));
        expect(engine.compare(a, b)).toEqual(engine.compare(engine.decode(engine.encode(a)), b));
        const { prior, comparisons, rule, total } = engine.explain(a, b);
        expect(comparisons.reduce((sum, { weight }) => sum + weight, prior) + (rule?.weight ?? 0)).toBe(total);
        engine.keys(a);
      }),
    );
  });
});
