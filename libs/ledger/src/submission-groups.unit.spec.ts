import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type GroupKey, SubmissionReader } from './submission-groups.js';

interface Written {
  submission: string;
  parts: number;
  /** How many of the parts reached the log. */
  written: number;
}

const writes = fc.array(
  fc
    .record({ parts: fc.integer({ min: 1, max: 6 }), cutShort: fc.boolean(), retried: fc.boolean() })
    .map(({ parts, cutShort, retried }) => ({ parts, written: cutShort ? Math.max(1, parts - 1) : parts, retried })),
  { maxLength: 30 },
);

/** A log as writers leave it: whole submissions, and some that a crash cut short, of which some are written again. */
const log = writes.map((list) =>
  list.flatMap(({ parts, written, retried }, number): Written[] => {
    const group = { submission: `submission ${number}`, parts, written };
    return written < parts && retried ? [group, { ...group, written: parts }] : [group];
  }),
);

function keysOf({ submission, parts, written }: Written): GroupKey[] {
  return Array.from({ length: written }, (_, part) => ({ submission, part, parts }));
}

function readAll(keys: readonly GroupKey[]): { groups: [string, string, number[]][]; pending: number } {
  const reader = new SubmissionReader<number>();
  const groups = keys.flatMap((key) => reader.push(key, key.part));
  return {
    groups: groups.map((group) => [group.status, group.submission, group.entries]),
    pending: reader.pending.length,
  };
}

describe('SubmissionReader', () => {
  it('hands out exactly the whole submissions as complete and those that were cut short as void, in order', () => {
    fc.assert(
      fc.property(log, (written) => {
        const { groups, pending } = readAll(written.flatMap(keysOf));
        const expected = written.map((group): [string, string, number[]] => [
          group.written === group.parts ? 'complete' : 'void',
          group.submission,
          keysOf(group).map(({ part }) => part),
        ]);
        const last = expected.at(-1)?.[0] === 'void' ? expected.pop() : undefined;
        expect(groups).toEqual(expected);
        expect(pending).toBe(last?.[2].length ?? 0);
      }),
    );
  });

  it('loses and repeats no entry, whatever the log holds', () => {
    const key = fc.integer({ min: 1, max: 4 }).chain((parts) =>
      fc.record({
        submission: fc.constantFrom('a', 'b'),
        parts: fc.constant(parts),
        part: fc.integer({ min: 0, max: parts - 1 }),
      }),
    );
    fc.assert(
      fc.property(fc.array(key, { maxLength: 40 }), (keys) => {
        const reader = new SubmissionReader<number>();
        const groups = keys.flatMap((each, at) => reader.push(each, at));
        expect([...groups.flatMap(({ entries }) => entries), ...reader.pending]).toEqual(keys.map((_, at) => at));
        for (const { status, entries } of groups) {
          const parts = entries.map((at) => keys[at].part);
          const whole = parts.length === keys[entries[0]].parts && parts.every((part, at) => part === at);
          expect(status).toBe(whole ? 'complete' : 'void');
        }
      }),
    );
  });

  it('does not take a group that begins in its middle', () => {
    const middle: GroupKey[] = [1, 2].map((part) => ({ submission: 'a', part, parts: 3 }));
    expect(readAll(middle).groups).toEqual([['void', 'a', [1, 2]]]);
  });

  it('does not take parts of which each says another number of parts', () => {
    const keys = [
      { submission: 'a', part: 0, parts: 2 },
      { submission: 'a', part: 1, parts: 3 },
    ];
    expect(readAll(keys)).toEqual({ groups: [['void', 'a', [0]]], pending: 1 });
  });
});
