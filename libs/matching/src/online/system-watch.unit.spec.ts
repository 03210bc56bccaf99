import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type ProjectedEntry } from '@chartledger/projection';
import { SystemWatch } from './system-watch.js';

const entry = (seq: number, isFence: boolean): ProjectedEntry =>
  ({ seq, envelope: { kind: isFence ? 'match.progress' : 'person.link' } }) as ProjectedEntry;

it('never calls a decision the last one that it cannot know to be', () => {
  const chain = fc.array(fc.boolean(), { minLength: 1, maxLength: 30 });
  // What is told are runs of the chain, with gaps between them.
  const run = fc.tuple(fc.nat(29), fc.integer({ min: 1, max: 8 }));
  fc.assert(
    fc.property(chain, fc.array(run, { maxLength: 5 }), fc.integer({ min: -2, max: 29 }), (fences, runs, asked) => {
      const watch = new SystemWatch();
      let told = -1;
      for (const [from, length] of [...runs].sort(([a], [b]) => a - b)) {
        const seqs = Array.from({ length }, (_, at) => from + at).filter((seq) => seq > told && seq < fences.length);
        if (seqs.length === 0) continue;
        watch.tell(seqs.map((seq) => entry(seq, fences[seq])));
        told = seqs[seqs.length - 1];
      }
      const since = fences.slice(Math.max(0, asked + 1), told + 1);
      if (watch.isLast(asked)) expect(since).not.toContain(true);
    }),
    { numRuns: 2_000 },
  );
});

it('knows the last decision where it was told of everything since', () => {
  const watch = new SystemWatch();
  expect(watch.isLast(-1)).toBe(false);
  watch.tell([entry(4, false), entry(5, true)]);
  expect(watch.isLast(5)).toBe(true);
  expect(watch.isLast(3)).toBe(false);
  watch.tell([entry(6, false), entry(7, true)]);
  expect([5, 7].map((fence) => watch.isLast(fence))).toEqual([false, true]);
  watch.tell([entry(9, false)]);
  expect(watch.isLast(7)).toBe(false);
});
