import { type ChainFault, type FaultAt } from './chain-fault.js';
import { type ChainSource, entryAt, type SourceEntry } from './chain-source.js';
import { tryRead } from './chain-walk.js';
import { encodeEnvelope, type Envelope } from './envelope.js';
import { leafHashHex } from './hash-into.js';

/** An entry that claims another seq than the place where it stands, and what is known of the chain before it. */
export interface Misplaced {
  source: ChainSource;
  fault: FaultAt;
  /** The place, and the leaf hash of the entry before it. */
  at: number;
  prev: string;
  entry: SourceEntry;
  fields: Envelope;
}

/** What stands at a place, when it can be read. */
interface Standing {
  fields: Envelope;
  leaf: string;
}

/**
 * Why an entry stands where it does not belong: its neighbours show whether those after it are shifted (removed, inserted)
 * or in their places (swapped, replaced, altered).
 */
export async function diagnoseOrder(misplaced: Misplaced): Promise<ChainFault> {
  const { source, at, fields } = misplaced;
  const next = await standingAt(source, at + 1);
  if (!next) return diagnoseLast(misplaced);
  if (next.fields.seq === at + 1) return diagnoseStranger(misplaced, next);
  if (next.fields.seq === at) return diagnosePushed(misplaced, next);
  return fields.seq > at ? removed(misplaced) : diagnoseRepeat(misplaced, next);
}

/** The source's own numbering has a gap or goes back. */
export function diagnosePlace(fault: FaultAt, at: number, place: number): ChainFault {
  return place > at
    ? fault(at, 'entry_removed', `the log has no entry here: it goes on at ${place}, so ${place - at} were removed`)
    : fault(place, 'entry_inserted', 'the log holds more than one entry for this place: something was inserted');
}

async function diagnoseLast(misplaced: Misplaced): Promise<ChainFault> {
  const { source, at, prev, entry, fields } = misplaced;
  const twin = fields.seq < at ? await standingAt(source, fields.seq) : undefined;
  if (twin?.leaf === leafHashHex(entry.envelope)) return repeated(misplaced);
  if (fields.prev === prev) return seqAltered(misplaced, 'its `prev` fits here');
  return fields.seq > at ? removed(misplaced) : inserted(misplaced, at);
}

/** Those after it are in their places: what belongs here was altered, replaced, or changed places with another. */
async function diagnoseStranger(misplaced: Misplaced, next: Standing): Promise<ChainFault> {
  const { source, fault, at, entry, fields } = misplaced;
  const repaired = leafHashHex(Buffer.from(encodeEnvelope({ ...fields, seq: at })));
  if (repaired === next.fields.prev) return seqAltered(misplaced, 'with the right one the next entry vouches for it');
  const other = await standingAt(source, fields.seq);
  if (other?.fields.seq === at) return swapped(misplaced);
  if (other?.leaf === leafHashHex(entry.envelope)) {
    return fault(
      at,
      'entry_replaced',
      `a copy of entry ${fields.seq} stands here: the entry that belongs here is gone`,
    );
  }
  return fault(
    at,
    'envelope_altered',
    `the envelope claims seq ${fields.seq} and stands at ${at}: it was altered or replaced`,
  );
}

/** The entry that belongs here comes right after: this one was put before it, or the two changed places. */
async function diagnosePushed(misplaced: Misplaced, next: Standing): Promise<ChainFault> {
  const { source, at, prev, entry, fields } = misplaced;
  const third = fields.seq === at + 1 ? await standingAt(source, at + 2) : undefined;
  if (fields.seq === at + 1 && (!third || third.fields.seq === at + 2)) return swapped(misplaced);
  const claimsPlaceBefore = fields.seq === at - 1 && next.fields.prev === leafHashHex(entry.envelope);
  const twin = claimsPlaceBefore ? await standingAt(source, at - 1) : undefined;
  return claimsPlaceBefore && next.fields.prev !== prev && twin?.fields.prev === fields.prev
    ? inserted(misplaced, at - 1)
    : inserted(misplaced, at);
}

/** From here on entries stand too late: some before were put in, or these here say again what was said. */
async function diagnoseRepeat(misplaced: Misplaced, next: Standing): Promise<ChainFault> {
  const { source, at, entry, fields } = misplaced;
  const leaf = leafHashHex(entry.envelope);
  const twin = await standingAt(source, fields.seq);
  if (twin?.leaf === leaf) return repeated(misplaced);
  return twin?.fields.prev === fields.prev && next.fields.prev === leaf
    ? inserted(misplaced, fields.seq)
    : inserted(misplaced, at);
}

async function standingAt(source: ChainSource, seq: number): Promise<Standing | undefined> {
  const entry = await entryAt(source, seq);
  const fields = entry && tryRead(entry.envelope);
  return typeof fields === 'object' ? { fields, leaf: leafHashHex(entry!.envelope) } : undefined;
}

function removed({ fault, at, fields }: Misplaced): ChainFault {
  const count = fields.seq - at;
  const what =
    count === 1 ? 'the entry that belongs here was removed' : `${count} entries that belong here were removed`;
  return fault(at, 'entry_removed', `${what}: the log goes on with seq ${fields.seq}`);
}

function inserted({ fault }: Misplaced, seq: number): ChainFault {
  return fault(
    seq,
    'entry_inserted',
    'an entry was inserted here: it is no part of the chain, the genuine ones stand after it',
  );
}

function repeated({ fault, at, fields }: Misplaced): ChainFault {
  return fault(at, 'entry_inserted', `a copy of entry ${fields.seq} was inserted here`);
}

function swapped({ fault, at, fields }: Misplaced): ChainFault {
  return fault(at, 'entries_swapped', `the entries ${at} and ${fields.seq} stand in each other's place`);
}

function seqAltered({ fault, at, fields }: Misplaced, because: string): ChainFault {
  return fault(
    at,
    'envelope_altered',
    `the envelope was altered: it claims seq ${fields.seq} and belongs here, ${because}`,
  );
}
