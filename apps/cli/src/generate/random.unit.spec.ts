import { describe, expect, it } from '@jest/globals';
import { Random } from './random.js';
import { byWeight, fallingOff } from './weighted.js';

describe('Random', () => {
  it('gives the same numbers on every machine', () => {
    const random = new Random(42, 4, 1, 17);
    expect([random.uint32(), random.uint32(), random.uint32()]).toEqual([1714946533, 2096440468, 2527299625]);
    expect(new Random(2 ** 40 + 42, 4, 1, 17).uint32()).not.toBe(new Random(42, 4, 1, 17).uint32());
  });

  it('has a stream of its own for each path', () => {
    const first = Array.from({ length: 500 }, (_none, path) => new Random(1, 3, path).uint32());
    expect(new Set(first).size).toBe(500);
  });

  it('is even, and keeps within its bounds', () => {
    const random = new Random(1);
    const counts = [0, 0, 0, 0, 0];
    for (let i = 0; i < 50_000; i++) counts[random.between(3, 7) - 3]!++;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(400);
  });

  it('makes well-formed version 4 UUIDs', () => {
    const random = new Random(9);
    const uuids = Array.from({ length: 1_000 }, () => random.uuid());
    for (const uuid of uuids)
      expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(new Set(uuids).size).toBe(1_000);
  });
});

describe('Weighted', () => {
  it('draws in proportion to the weights', () => {
    const table = byWeight([
      ['rare', 1],
      ['common', 9],
    ]);
    const random = new Random(5);
    const rare = Array.from({ length: 10_000 }, () => table.draw(random)).filter((item) => item === 'rare').length;
    expect(rare).toBeGreaterThan(900);
    expect(rare).toBeLessThan(1_100);
  });

  it('falls off down a list of names, and reaches its end', () => {
    const table = fallingOff(Array.from({ length: 200 }, (_none, rank) => rank));
    const random = new Random(6);
    const counts = new Array<number>(200).fill(0);
    for (let i = 0; i < 100_000; i++) counts[table.draw(random)]!++;
    expect(counts[0]! / counts[15]!).toBeCloseTo(2, 0);
    expect(Math.min(...counts)).toBeGreaterThan(0);
  });
});
