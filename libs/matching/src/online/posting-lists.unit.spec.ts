import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PostingLists } from './posting-lists.js';

it('says of each key the records that were added and not removed', () => {
  // Many keys, so that the table grows; they differ in their high bits only, low bits only, or hardly at all.
  const key = fc.oneof(
    fc.nat(20),
    fc.nat(20).map((high) => high * 2 ** 32),
    fc.nat(2 ** 21 - 1).map((high) => high * 2 ** 31 + 7),
  );
  const step = fc.tuple(fc.boolean(), key, fc.nat(30));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const lists = new PostingLists();
      const model = new Map<number, Set<number>>();
      for (const [adds, at, record] of steps) {
        const records = model.get(at) ?? new Set<number>();
        model.set(at, records);
        if (adds && !records.has(record)) {
          lists.add(at, record);
          records.add(record);
        } else if (!adds) {
          lists.remove(at, record);
          records.delete(record);
        }
      }
      for (const [at, records] of model) expect(found(lists, at)).toEqual([...records].sort((a, b) => a - b));
    }),
  );
});

it('holds more keys than it began with room for', () => {
  const lists = new PostingLists();
  for (let at = 0; at < 100_000; at++) lists.add(at * 4099, at);
  for (const at of [0, 1, 65_535, 65_536, 99_999]) expect(found(lists, at * 4099)).toEqual([at]);
  expect(found(lists, 4098)).toEqual([]);
});

function found(lists: PostingLists, key: number): number[] {
  const records: number[] = [];
  lists.forEach(key, (record) => records.push(record));
  return records.sort((a, b) => a - b);
}
