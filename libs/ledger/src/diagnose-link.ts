import { type ChainFault } from './chain-fault.js';
import { type ChainSource, entryAt, type SourceEntry } from './chain-source.js';
import { type ChainWalk, tryRead } from './chain-walk.js';
import { encodeEnvelope, type Envelope } from './envelope.js';
import { leafHashHex } from './hash-into.js';

/**
 * The entry's `prev` is not the leaf hash of the entry before: one of the two was altered. Asked in this order: the stored
 * leaf tile, a checkpoint between the two, the entry after, a checkpoint after. Where none can tell, `link_broken`.
 */
export async function diagnoseLink(
  walk: ChainWalk,
  source: ChainSource,
  entry: SourceEntry,
  fields: Envelope,
): Promise<ChainFault> {
  if (walk.count === 0) return walk.fault(0, 'prev_altered', '`prev` of the first entry is not 32 zero bytes');
  return (
    (await askTile(walk, fields)) ??
    askCheckpointBetween(walk, fields) ??
    (await askSuccessor(walk, source, entry, fields)) ??
    askCheckpointAfter(walk, entry, fields) ??
    walk.fault(
      walk.count - 1,
      'link_broken',
      `this entry is not the one that the next one names as its predecessor: one of the two was altered, and neither a tile, a later entry nor a checkpoint tells which`,
    )
  );
}

async function askTile(walk: ChainWalk, fields: Envelope): Promise<ChainFault | undefined> {
  const before = walk.count - 1;
  await walk.tiles.load(before);
  const stored = walk.tiles.stored(before);
  if (walk.suspect) {
    return stored === fields.prev
      ? altered(walk, walk.suspect.seq, 'its leaf tile and later entries have other hashes')
      : undefined;
  }
  if (stored === fields.prev)
    return altered(walk, before, 'its leaf tile and the next entry both name another leaf hash');
  return stored === walk.leaf ? prevAltered(walk, 'the leaf tile vouches for the entry before') : undefined;
}

function askCheckpointBetween(walk: ChainWalk, fields: Envelope): ChainFault | undefined {
  const size = walk.count;
  if (walk.trail.nextSize !== size) {
    return walk.trail.good === size
      ? prevAltered(walk, `the checkpoint of size ${size} vouches for the entry before`)
      : undefined;
  }
  const signed = walk.trail.open();
  if (!Buffer.isBuffer(signed)) return signed;
  if (rootWith(walk, [walk.leaf]).equals(signed)) {
    return prevAltered(walk, `the checkpoint of size ${size} vouches for the entry before`);
  }
  return rootWith(walk, [fields.prev]).equals(signed)
    ? altered(walk, size - 1, `the checkpoint of size ${size} and the next entry both vouch for another leaf hash`)
    : walk.settle(false);
}

async function askSuccessor(
  walk: ChainWalk,
  source: ChainSource,
  entry: SourceEntry,
  fields: Envelope,
): Promise<ChainFault | undefined> {
  const next = await entryAt(source, walk.count + 1);
  const after = next && tryRead(next.envelope);
  if (typeof after !== 'object') return undefined;
  if (after.prev === leafHashHex(entry.envelope)) {
    return altered(
      walk,
      walk.count - 1,
      'the next entry names another leaf hash, and is itself vouched for by the one after it',
    );
  }
  if (after.prev === repairedLeaf(walk, fields))
    return prevAltered(walk, 'with the right `prev` the entry after vouches for it');
  return altered(walk, walk.count, 'neither its own `prev` nor the `prev` of the next entry fits');
}

function askCheckpointAfter(walk: ChainWalk, entry: SourceEntry, fields: Envelope): ChainFault | undefined {
  if (walk.trail.nextSize !== walk.count + 1) return undefined;
  const signed = walk.trail.open();
  if (!Buffer.isBuffer(signed)) return signed;
  const vouch = `the checkpoint of size ${walk.count + 1}`;
  if (rootWith(walk, [fields.prev, leafHashHex(entry.envelope)]).equals(signed)) {
    return altered(walk, walk.count - 1, `${vouch} was signed over the leaf hash that the next entry names`);
  }
  return rootWith(walk, [walk.leaf, repairedLeaf(walk, fields)]).equals(signed)
    ? prevAltered(walk, `${vouch} was signed over this entry with the right \`prev\``)
    : undefined;
}

/** The root of the settled leaves with others in the place of what comes after. */
function rootWith(walk: ChainWalk, leaves: readonly string[]): Buffer {
  const tree = walk.tree.clone();
  for (const leaf of leaves) tree.appendHex(leaf);
  return tree.root();
}

/** The leaf hash that the entry would have if nothing but its `prev` were wrong. */
function repairedLeaf(walk: ChainWalk, fields: Envelope): string {
  return leafHashHex(Buffer.from(encodeEnvelope({ ...fields, prev: walk.leaf })));
}

function altered(walk: ChainWalk, seq: number, because: string): ChainFault {
  return walk.fault(seq, 'envelope_altered', `the envelope was altered after it was written: ${because}`);
}

function prevAltered(walk: ChainWalk, because: string): ChainFault {
  const detail = `\`prev\` is not the leaf hash of the entry before, so the entry was altered or does not belong here: ${because}`;
  return walk.fault(walk.count, 'prev_altered', detail);
}
