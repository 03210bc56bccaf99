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

it('finds what it has while slots are added and split', () => {
  const lists = new PostingLists();
  // More than the slots that it begins with hold, so that they are split; three records a key, and high halves too.
  const keyOf = (at: number): number => (at % 97) * 2 ** 32 + (Math.imul(at, 0x9e3779b1) >>> 0);
  const count = 1_600_000;
  for (let record = 0; record < 3; record++) for (let at = 0; at < count; at++) lists.add(keyOf(at), record);
  for (let at = 0; at < count; at += 997) expect(found(lists, keyOf(at))).toEqual([0, 1, 2]);
  for (let at = 0; at < count; at += 997) lists.remove(keyOf(at), 1);
  for (let at = 0; at < count; at += 997) expect(found(lists, keyOf(at))).toEqual([0, 2]);
  expect(found(lists, keyOf(998))).toEqual([0, 1, 2]);
  expect(found(lists, keyOf(998) + 97 * 2 ** 32)).toEqual([]);
});

function found(lists: PostingLists, key: number): number[] {
  const records: number[] = [];
  lists.forEach(key, (record) => records.push(record));
  return records.sort((a, b) => a - b);
}
