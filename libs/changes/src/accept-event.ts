import { type Change } from './change-event.js';

/** `next`: it is its turn. `repeated`: it was taken before. `ahead`: events before it are not there. */
export type Turn = 'next' | 'repeated' | 'ahead';

/**
 * The rule by which a reader of one partition, in the order of offsets, takes each event of a chain exactly once:
 *
 * - `next`: act on it, and remember its `seq` together with what came of it;
 * - `repeated`: pass it over. A publisher that did not learn what came of a send sends again;
 * - `ahead`: events between the last one and this one are not in the topic, because retention removed them or because
 *   the topic is just being made anew. Do not go on: see "When events are missing" in `docs/pipelines.md`.
 *
 * @param last `seq` of the last event that was taken; -1 to begin with the first of the ledger, any other number to begin
 *   after that position, undefined to begin with whatever is there.
 */
export function acceptEvent(last: number | undefined, { seq, previous }: Pick<Change, 'seq' | 'previous'>): Turn {
  if (last === undefined) return 'next';
  if (seq <= last) return 'repeated';
  return previous <= last ? 'next' : 'ahead';
}
