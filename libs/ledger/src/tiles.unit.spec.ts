import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  decodeEntryBundle,
  decodePayloadBundle,
  encodeBundle,
  encodeEntryBundle,
  encodePayloadBundle,
  takeFrames,
} from './bundles.js';
import { bundlesOfTree, parseTilePath, tilePath, tilesOfTree } from './tiles.js';

describe('the path of a tile', () => {
  it.each([
    [{ level: 0, index: 0, width: 256 }, 'tile/0/000'],
    [{ level: 63, index: 1_234_067, width: 256 }, 'tile/63/x001/x234/067'],
    [{ level: 1, index: 1000, width: 12 }, 'tile/1/x001/000.p/12'],
    [{ level: 'entries' as const, index: 67, width: 255 }, 'tile/entries/067.p/255'],
    [{ level: 'payloads' as const, index: 999_999, width: 256 }, 'tile/payloads/x999/999'],
  ])('of %j is %s', (tile, path) => {
    expect(tilePath(tile)).toBe(path);
    expect(parseTilePath(path)).toEqual(tile);
  });

  it('reads back whatever it wrote', () => {
    const level = fc.oneof(fc.integer({ min: 0, max: 63 }), fc.constantFrom('entries' as const, 'payloads' as const));
    const tile = fc.record({ level, index: fc.maxSafeNat(), width: fc.integer({ min: 1, max: 256 }) });
    fc.assert(fc.property(tile, (name) => expect(parseTilePath(tilePath(name))).toEqual(name)));
  });

  it.each([
    'tile/00/000',
    'tile/64/000',
    'tile/0/00',
    'tile/0/0000',
    'tile/0/x000/001',
    'tile/0/001/002',
    'tile/0/x001',
    'tile/0/000.p/0',
    'tile/0/000.p/256',
    'tile/0/000.p/01',
    'tile/0/000.p',
    'tile/data/000',
    'tile/-1/000',
    '/tile/0/000',
    'tile/0/000/',
    'tile/0/x999/x999/x999/x999/x999/x999/999',
  ])('refuses %s', (path) => {
    expect(() => parseTilePath(path)).toThrow(expect.objectContaining({ code: 'tile_path_malformed' }));
  });
});

describe('the tiles of a tree', () => {
  it('are those that C2SP tlog-tiles gives as an example for a size of 70,000', () => {
    const widths = [...tilesOfTree(70_000)].map(({ level, width }) => `${level}:${width}`);
    expect(widths.filter((tile) => tile === '0:256').length).toBe(273);
    expect(widths.filter((tile) => tile !== '0:256')).toEqual(['0:112', '1:256', '1:17', '2:1']);
    expect([...bundlesOfTree(70_000, 'entries')].length).toBe(274);
  });

  it('are a full one and one of width 1 for a size of 256, and none for an empty tree', () => {
    expect([...tilesOfTree(256)].map(tilePath)).toEqual(['tile/0/000', 'tile/1/000.p/1']);
    expect([...tilesOfTree(0), ...bundlesOfTree(0, 'entries')]).toEqual([]);
  });
});

describe('bundles', () => {
  const items = fc.array(
    fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes)),
    { maxLength: 10 },
  );

  it('give back the items', () => {
    fc.assert(
      fc.property(items, (list) => {
        expect(decodeEntryBundle(encodeEntryBundle(list))).toEqual(list);
        expect(decodePayloadBundle(encodePayloadBundle(list))).toEqual(list);
      }),
    );
  });

  it('have big-endian lengths of two and of four bytes', () => {
    const item = [Buffer.from('one')];
    expect(encodeEntryBundle(item).toString('hex')).toBe('00036f6e65');
    expect(encodePayloadBundle(item).toString('hex')).toBe('000000036f6e65');
  });

  it('are refused when they end inside an item, and when an item is too long', () => {
    const bundle = encodeBundle([Buffer.from('one'), Buffer.from('two')], 2);
    for (const cut of [9, 8, 6]) {
      expect(() => decodeEntryBundle(bundle.subarray(0, cut))).toThrow('the bundle ends inside item 1');
    }
    expect(takeFrames(bundle.subarray(0, 8), 2).rest.length).toBe(3);
    expect(() => encodeEntryBundle([Buffer.alloc(65_536)])).toThrow('out of range');
  });
});
