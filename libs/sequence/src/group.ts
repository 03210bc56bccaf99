import { type Head, type LinkedEntry } from '@chartledger/ledger';
import { type Span } from '@chartledger/platform';
import { ownContent, type ProjectedEntry } from '@chartledger/projection';
import { type Decision, type Ruling } from './decide.js';
import { BATCH_BYTES, storedBytes } from './stored-bytes.js';
import { type Waiting } from './waiting.js';

/** A group ends when it has this many changes: one statement of some 5 MB, so that a failure costs little. */
const MAX_GROUP_CHANGES = 1_500;

/** A submission of a group with what was decided on it. */
export interface Ruled {
  waiting: Waiting;
  ruling: Ruling | { error: Error } | { repeats: { seq: number; parts: number } };
  /** Where its entries begin among the group's. */
  offset: number;
}

/** What is linked and appended together. */
export interface Group {
  head: Head;
  entries: LinkedEntry[];
  decisions: Decision[];
  ruled: Ruled[];
  span: Span | undefined;
}

/** A group after its append; `isDurable` false: its submissions, as far as nobody was told of them, are taken again. */
export interface Appended {
  group: Group;
  isDurable: boolean;
}

/** How many of those that wait longest make the next group: at least one. */
export function groupLength(queue: readonly Waiting[]): number {
  let changes = 0;
  let bytes = 0;
  let count = 0;
  for (const { submission } of queue) {
    changes += submission.changes.length;
    bytes += submission.changes.reduce((sum, change) => sum + storedBytes(change), 0);
    if (count > 0 && (changes > MAX_GROUP_CHANGES || bytes > BATCH_BYTES)) break;
    count += 1;
  }
  return count;
}

/** A group's entries as the views take them. */
export function projected({ entries, decisions, span }: Group): ProjectedEntry[] {
  const projected = entries.map((entry, index): ProjectedEntry => {
    const { header, facts, context, text } = decisions[index];
    const base = { seq: entry.seq, time: entry.time, envelope: entry.fields, id: header.id, facts };
    return { ...base, ...ownContent(context, header, text) };
  });
  if (span && projected.length > 0) projected[0].trace = span.spanContext();
  return projected;
}
