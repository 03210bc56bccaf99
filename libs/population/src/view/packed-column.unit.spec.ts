import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { columnPacker, columnReader, transferables, type Packing, type Plain } from './packed-column.js';

const values: Record<Packing, fc.Arbitrary<Plain>> = {
  texts: fc.option(fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('', '\ud83d', 'Ødegård'))),
  numbers: fc.option(fc.double({ noNaN: true })),
  values: fc.option(fc.oneof(fc.bigInt(), fc.boolean(), fc.array(fc.string()))),
};
const columns = fc.constantFrom<Packing>('texts', 'numbers', 'values').chain((packing) =>
  fc.record({
    packing: fc.constant(packing),
    kept: fc.array(values[packing], { maxLength: 1_500 }),
    dropped: fc.array(values[packing], { maxLength: 3 }),
    chunk: fc.integer({ min: 1, max: 700 }),
  }),
);

describe('a packed column', () => {
  it('gives in another thread, chunk by chunk, what was pushed and not taken back', () => {
    fc.assert(
      fc.property(columns, ({ packing, kept, dropped, chunk }) => {
        const packer = columnPacker(packing);
        const half = Math.floor(kept.length / 2);
        for (const value of kept.slice(0, half)) packer.push(value);
        for (const value of dropped) packer.push(value);
        packer.truncate(half);
        for (const value of kept.slice(half)) packer.push(value);
        const packed = packer.packed();
        const read = columnReader(structuredClone(packed, { transfer: transferables(packed) }));
        const got: Plain[] = [];
        while (got.length < kept.length) got.push(...read(Math.min(chunk, kept.length - got.length)));
        expect(got).toEqual(kept);
      }),
    );
  });
});
