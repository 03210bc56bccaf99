import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { EntryFeed } from './entry-feed.js';
import { type ProjectedEntry } from './projection.port.js';

const entry = (seq: number): ProjectedEntry => ({ seq }) as ProjectedEntry;
const entries = (from: number, count: number): ProjectedEntry[] =>
  Array.from({ length: count }, (_, at) => entry(from + at));
const seqsOf = (batch: ProjectedEntry[] | undefined): number[] | undefined => batch?.map(({ seq }) => seq);

/** Publications one after the other, some of which this process did not make and so leaves out. */
const publications = fc.array(fc.record({ count: fc.integer({ min: 1, max: 5 }), isOurs: fc.boolean() }), {
  maxLength: 12,
});

describe('a feed', () => {
  it('gives entries from exactly the next one on, in order, or none; and never stands still before what it has', () => {
    fc.assert(
      fc.property(publications, fc.nat(40), fc.integer({ min: 1, max: 12 }), (made, start, limit) => {
        const feed = new EntryFeed();
        let end = 0;
        const known = new Set<number>();
        for (const { count, isOurs } of made) {
          if (isOurs) feed.publish(entries(end, count));
          else feed.announce(end + count - 1);
          if (isOurs) for (const { seq } of entries(end, count)) known.add(seq);
          end += count;
        }
        expect(feed.head).toBe(end - 1);
        // As a view does: it takes what the feed has, and reads what lies before from elsewhere.
        let next = Math.min(start, end);
        const taken: number[] = [];
        for (let turns = 0; next < end; turns += 1) {
          expect(turns).toBeLessThan(100);
          const batch = seqsOf(feed.take(next, limit));
          if (batch) {
            expect(batch[0]).toBe(next);
            taken.push(...batch);
            next = batch[batch.length - 1] + 1;
          } else {
            const until = feed.first ?? end;
            expect(until).toBeGreaterThan(next);
            next = until;
          }
        }
        expect(taken).toEqual([...taken].sort((a, b) => a - b));
        expect(taken.every((seq) => known.has(seq))).toBe(true);
        for (const seq of known) if (seq >= start) expect(taken).toContain(seq);
      }),
    );
  });

  it('tells who waits when the chain grows, and when it is to look again', async () => {
    const feed = new EntryFeed();
    const grown = feed.beyond(-1);
    feed.publish([entry(0)]);
    await grown;
    await feed.beyond(-1);
    const waiting = feed.beyond(0);
    feed.wakeUp();
    await waiting;
  });
});
