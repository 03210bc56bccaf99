/** What a chain can be found to be wrong in. The codes are stable. */
export type FaultReason =
  /** The envelope's bytes are no envelope of the format. */
  | 'envelope_invalid'
  /** The envelope is well-formed, but is not what later entries, the leaf tile or a checkpoint vouch for. */
  | 'envelope_altered'
  /** The payload's bytes are not those that the envelope names. */
  | 'payload_altered'
  /** Payloads were asked for, and the source holds none for this entry. */
  | 'payload_missing'
  /** `prev` is not the leaf hash of the entry before, which is sound. */
  | 'prev_altered'
  /** `prev` and the entry before disagree, and nothing tells which of the two was altered; the position is the earlier. */
  | 'link_broken'
  | 'entry_removed'
  | 'entry_inserted'
  | 'entries_swapped'
  /** A copy of another entry of the chain stands in the place of this one. */
  | 'entry_replaced'
  /** The envelope names another chain. */
  | 'chain_wrong'
  | 'time_backwards'
  /** The log is shorter than a checkpoint says; the position is the first that is missing. */
  | 'tail_cut'
  /** The log is sound in itself, and is not the one that was signed; the position is the first that may differ. */
  | 'fork'
  /** The entry and its stored leaf hash disagree while the chain holds: the tile was altered, or nothing signed decides. */
  | 'tile_mismatch'
  /** No valid signature by a known key; the position of a checkpoint's fault is the last entry that it covers. */
  | 'checkpoint_signature_invalid'
  /** Signed, but not a checkpoint of this log, or not of the size that it is kept under. */
  | 'checkpoint_invalid'
  /** The log signed two different trees of one size. */
  | 'checkpoint_conflict';

/** The first thing found wrong. `detail` is a sentence for a person. */
export interface ChainFault {
  ok: false;
  /** `chain:seq` */
  position: string;
  seq: number;
  reason: FaultReason;
  detail: string;
}

/** Names a fault at a place of a chain. */
export type FaultAt = (seq: number, reason: FaultReason, detail: string) => ChainFault;

export function faultsOf(chain: number): FaultAt {
  return (seq, reason, detail) => ({ ok: false, position: `${chain}:${seq}`, seq, reason, detail });
}
