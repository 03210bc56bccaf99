import { openCheckpoint } from './checkpoint.js';
import { type ChainFault, type FaultAt } from './chain-fault.js';
import { FormatError } from './format-error.js';
import { type NoteVerifier } from './note-key.js';
import { type SignedCheckpoint } from './signed-checkpoint.js';

/** What the auditor trusts: the log's identity and its keys, from elsewhere than the log itself. */
export interface Trust {
  /** The chain's origin, see `chainOrigin`. */
  origin: string;
  verifiers: readonly NoteVerifier[];
}

/** The signed checkpoints of a chain in the order of their sizes, each opened when the walk over the entries gets there. */
export class CheckpointTrail {
  readonly #checkpoints: SignedCheckpoint[];
  #at = 0;
  #good = 0;

  constructor(
    checkpoints: readonly SignedCheckpoint[],
    private readonly trust: Trust,
    private readonly fault: FaultAt,
  ) {
    this.#checkpoints = [...checkpoints].sort((a, b) => a.size - b.size);
  }

  /** The size of the next checkpoint to hold the log against; Infinity when there is none left. */
  get nextSize(): number {
    return this.#checkpoints[this.#at]?.size ?? Infinity;
  }

  /** The largest size that was signed, 0 for none. */
  get signedSize(): number {
    return this.#checkpoints.at(-1)?.size ?? 0;
  }

  /** The size of the last checkpoint that the log was found to agree with. */
  get good(): number {
    return this.#good;
  }

  /** How many checkpoints were found good. */
  get count(): number {
    return this.#at;
  }

  /** Opens every checkpoint of the next size, which MUST agree with each other, and answers with the root signed. */
  open(): Buffer | ChainFault {
    const size = this.nextSize;
    let signed: Buffer | undefined;
    for (let at = this.#at; this.#checkpoints[at]?.size === size; at += 1) {
      const root = this.#openOne(this.#checkpoints[at]);
      if (!Buffer.isBuffer(root)) return root;
      if (signed && !signed.equals(root)) {
        const detail = `two checkpoints of size ${size} are validly signed and have different roots: the log told two stories`;
        return this.#faultOf(size, 'checkpoint_conflict', detail);
      }
      signed = root;
    }
    return signed!;
  }

  /** Leaves the checkpoints of the next size behind as good. */
  pass(): void {
    const size = this.nextSize;
    while (this.nextSize === size) this.#at += 1;
    this.#good = size;
  }

  #openOne({ size, note }: SignedCheckpoint): Buffer | ChainFault {
    try {
      const checkpoint = openCheckpoint(note, this.trust.verifiers, this.trust.origin);
      if (checkpoint.size === size) return checkpoint.root;
      const detail = `the checkpoint kept under size ${size} is of size ${checkpoint.size}`;
      return this.#faultOf(size, 'checkpoint_invalid', detail);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      const signed = error.code === 'checkpoint_malformed' || error.code === 'checkpoint_origin';
      const reason = signed ? 'checkpoint_invalid' : 'checkpoint_signature_invalid';
      const detail = `the checkpoint of size ${size} cannot be relied on: ${error.message}; it was altered or is not of this log`;
      return this.#faultOf(size, reason, detail);
    }
  }

  #faultOf(size: number, reason: Parameters<FaultAt>[1], detail: string): ChainFault {
    return this.fault(Math.max(0, size - 1), reason, detail);
  }
}
