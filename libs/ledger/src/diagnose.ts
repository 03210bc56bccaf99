import { type ChainFault } from './chain-fault.js';
import { type ChainSource, entryAt, type SourceEntry } from './chain-source.js';
import { type ChainWalk, type Symptom, tryRead } from './chain-walk.js';
import { diagnoseLink } from './diagnose-link.js';
import { diagnoseOrder, diagnosePlace } from './diagnose-order.js';
import { leafHashHex } from './hash-into.js';

/**
 * Names the first fault of a chain whose next entry does not fit. What is wrong may lie before that entry: in the one before
 * it, or where a stored leaf hash began to disagree.
 */
export async function diagnose(
  walk: ChainWalk,
  source: ChainSource,
  entry: SourceEntry,
  symptom: Symptom,
): Promise<ChainFault> {
  const found = await nameFault(walk, source, entry, symptom);
  if (found.seq >= walk.count) {
    await walk.tiles.load(walk.tree.size);
    const earlier = walk.settle(false);
    if (earlier) return earlier;
  }
  const suspect = undecided(walk);
  return suspect && suspect.seq < found.seq ? suspect : found;
}

/** The entry and its stored leaf hash that disagreed, when the walk ends before a checkpoint could decide. */
export function undecided({ suspect, fault }: ChainWalk): ChainFault | undefined {
  if (!suspect) return undefined;
  const detail =
    'the entry and its stored leaf hash disagree, and no checkpoint could be reached that tells which was altered';
  return fault(suspect.seq, 'tile_mismatch', detail);
}

async function nameFault(
  walk: ChainWalk,
  source: ChainSource,
  entry: SourceEntry,
  symptom: Symptom,
): Promise<ChainFault> {
  const { fault, count: at, leaf: prev } = walk;
  switch (symptom.kind) {
    case 'place':
      return diagnosePlace(fault, at, entry.seq);
    case 'order':
      return diagnoseOrder({ source, fault, at, prev, entry, fields: symptom.fields });
    case 'link':
      return diagnoseLink(walk, source, entry, symptom.fields);
    case 'unreadable':
      return fault(
        at,
        'envelope_invalid',
        `the envelope was altered, its bytes are no envelope any more: ${symptom.message}`,
      );
    case 'chain': {
      const detail = `the envelope names chain ${symptom.fields.chain}: it was altered, or the entry belongs there`;
      return fault(at, 'chain_wrong', detail);
    }
    default: {
      if (await isContradicted(walk, source, entry)) return fault(at, 'envelope_altered', ENVELOPE_ALTERED);
      const { reason, detail } = CONTENT_FAULTS[symptom.kind];
      return fault(at, reason, detail);
    }
  }
}

const ENVELOPE_ALTERED =
  'the envelope was altered after it was written: the next entry or the leaf tile names another leaf hash';

const CONTENT_FAULTS = {
  time: {
    reason: 'time_backwards',
    detail: 'the time is earlier than that of the entry before: whoever wrote this entry broke the format',
  },
  payload: {
    reason: 'payload_altered',
    detail: 'the payload was altered or cut: its bytes are not those whose length and hash the envelope states',
  },
  payload_missing: {
    reason: 'payload_missing',
    detail: 'the payload of this entry is not there, so what was sent cannot be shown',
  },
} as const;

/** Whether the next entry, or else the stored leaf tile, says that this envelope is not the one that was written. */
async function isContradicted({ count, tiles }: ChainWalk, source: ChainSource, entry: SourceEntry): Promise<boolean> {
  const leaf = leafHashHex(entry.envelope);
  const next = await entryAt(source, count + 1);
  const after = next && tryRead(next.envelope);
  if (typeof after === 'object' && after.seq === count + 1) return after.prev !== leaf;
  await tiles.load(count);
  const stored = tiles.stored(count);
  return stored !== undefined && stored !== leaf;
}
