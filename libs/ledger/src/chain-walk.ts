import { type ChainFault, type FaultAt } from './chain-fault.js';
import { type SourceEntry } from './chain-source.js';
import { type CheckpointTrail } from './checkpoint-trail.js';
import { type Envelope, EnvelopeError } from './envelope.js';
import { ZERO_HASH } from './hash.js';
import { leafHashHex, sha256Hex } from './hash-into.js';
import { type LeafTiles } from './leaf-tiles.js';
import { CompactRange } from './merkle.js';
import { readEnvelope } from './read-envelope.js';
import { GroupTracker } from './submission-groups.js';

/** That an entry does not fit where it stands. What that comes from is for the diagnosis to find out. */
export type Symptom =
  | { kind: 'unreadable'; message: string }
  | { kind: 'order' | 'chain' | 'link' | 'time' | 'payload' | 'payload_missing'; fields: Envelope }
  | { kind: 'place' };

/** A stored leaf hash that disagrees with its entry, and the tree as the tiles have it from there on. */
export interface Suspect {
  seq: number;
  tree: CompactRange | undefined;
}

/**
 * The walk over a chain, entry by entry, in constant memory and without waiting. An entry is *accepted* when it fits after
 * the one before, and *settled* one step later, when what its successor says of it is known: then its leaf is held against
 * the stored tile, goes into the tree, and the tree is held against the checkpoint of that size.
 */
export class ChainWalk {
  /** The leaves of the settled entries. */
  readonly tree = new CompactRange();
  /** How many entries were accepted, which is the seq of the next. */
  count = 0;
  /** Of the last accepted entry. */
  leaf = ZERO_HASH.toString('hex');
  payloads = 0;
  voidSubmissions = 0;
  suspect: Suspect | undefined;
  #time = '';
  readonly #groups = new GroupTracker();

  constructor(
    readonly chain: number,
    readonly trail: CheckpointTrail,
    readonly tiles: LeafTiles,
    readonly fault: FaultAt,
    private readonly requirePayloads: boolean,
  ) {}

  /** Takes the next entry; answers with nothing when it is sound. */
  accept(entry: SourceEntry): Symptom | ChainFault | undefined {
    if (entry.seq !== this.count) return { kind: 'place' };
    const fields = tryRead(entry.envelope);
    if (typeof fields === 'string') return { kind: 'unreadable', message: fields };
    if (fields.chain !== this.chain) return { kind: 'chain', fields };
    if (fields.seq !== this.count) return { kind: 'order', fields };
    if (fields.prev !== this.leaf) return { kind: 'link', fields };
    const fault = this.settle(true);
    if (fault) return fault;
    if (fields.time < this.#time) return { kind: 'time', fields };
    const payload = this.#checkPayload(entry.payload, fields);
    if (payload) return { kind: payload, fields };
    this.leaf = leafHashHex(entry.envelope);
    this.#time = fields.time;
    this.count += 1;
    this.#follow(fields);
    return undefined;
  }

  /**
   * Settles the last accepted entry, if that is still to be done.
   * @param linked whether a successor that names its leaf hash was seen.
   */
  settle(linked: boolean): ChainFault | undefined {
    if (this.tree.size < this.count) {
      this.#compareTile(this.tree.size);
      this.tree.appendHex(this.leaf);
    }
    return this.tree.size === this.trail.nextSize ? this.#compareCheckpoint(linked) : undefined;
  }

  #compareTile(seq: number): void {
    const stored = this.tiles.stored(seq);
    if (this.suspect) {
      if (stored) this.suspect.tree?.appendHex(stored);
      else this.suspect.tree = undefined;
    } else if (stored !== undefined && stored !== this.leaf) {
      this.suspect = { seq, tree: this.tree.clone() };
      this.suspect.tree?.appendHex(stored);
    }
  }

  #compareCheckpoint(linked: boolean): ChainFault | undefined {
    const size = this.trail.nextSize;
    const signed = this.trail.open();
    if (!Buffer.isBuffer(signed)) return signed;
    if (!this.tree.root().equals(signed)) return this.#differs(size, signed, linked);
    if (this.suspect) {
      const detail = `the stored leaf tile was altered: the entry is the one that the checkpoint of size ${size} was signed over, the tile's hash is not`;
      return this.fault(this.suspect.seq, 'tile_mismatch', detail);
    }
    this.trail.pass();
    return undefined;
  }

  #differs(size: number, signed: Buffer, linked: boolean): ChainFault {
    const { suspect, trail, fault } = this;
    const last = size - 1;
    if (suspect?.tree?.root().equals(signed)) {
      return suspect.seq === last && !linked
        ? fault(
            last,
            'envelope_altered',
            `the envelope was altered: the leaf tile, which the checkpoint of size ${size} vouches for, has another hash`,
          )
        : fault(
            suspect.seq,
            'fork',
            `the log was rewritten from here on: it is sound in itself, but the leaf tiles, which the checkpoint of size ${size} vouches for, have other hashes`,
          );
    }
    if (trail.good === last && !linked) {
      return fault(
        last,
        'envelope_altered',
        `the envelope was altered: the log up to the entry before agrees with a checkpoint, with this one it does not agree with the checkpoint of size ${size}`,
      );
    }
    const detail = `the log is sound in itself, but is not the one that was signed: up to size ${trail.good} it may be relied on, between ${trail.good} and ${last} at least one entry is another than the checkpoint of size ${size} was signed over`;
    return fault(trail.good, 'fork', detail);
  }

  #checkPayload(payload: Buffer | undefined, { payload: digest }: Envelope): 'payload' | 'payload_missing' | undefined {
    if (!payload) return this.requirePayloads ? 'payload_missing' : undefined;
    this.payloads += 1;
    return payload.length === digest.bytes && sha256Hex(payload) === digest.sha256 ? undefined : 'payload';
  }

  #follow(fields: Envelope): void {
    const { cut, ended } = this.#groups.step(fields);
    if (cut) this.voidSubmissions += 1;
    if (ended === 'void') this.voidSubmissions += 1;
  }
}

/** The envelope, or why it is none. */
export function tryRead(envelope: Buffer): Envelope | string {
  try {
    return readEnvelope(envelope);
  } catch (error) {
    if (error instanceof EnvelopeError) return error.message;
    throw error;
  }
}
