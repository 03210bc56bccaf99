import { type ChainFault, faultsOf } from './chain-fault.js';
import { ChainFaultError } from './chain-fault-error.js';
import { type SourceEntry } from './chain-source.js';
import { tryRead } from './chain-walk.js';
import { leafHash, sha256 } from './hash.js';

/** Holds the entries of a chain to the one before them as they are copied: a copy of what is not sound helps nobody. */
export class CopyCheck {
  /** @param leaf the leaf hash of the entry before `next`. */
  constructor(
    readonly chain: number,
    public next: number,
    public leaf: Buffer,
  ) {}

  /** The leaf hash of the next entry. @throws ChainFaultError where it does not follow, or its payload is another one. */
  take({ seq, envelope, payload }: SourceEntry): Buffer {
    if (seq !== this.next) throw this.fault('entry_removed', 'the source does not hold this entry');
    const fields = tryRead(envelope);
    if (typeof fields === 'string') throw this.fault('envelope_invalid', fields);
    if (fields.chain !== this.chain || fields.seq !== seq) {
      throw this.fault('entry_replaced', `the entry that stands here says that it is ${fields.chain}:${fields.seq}`);
    }
    if (fields.prev !== this.leaf.toString('hex')) {
      throw this.fault('link_broken', 'the entry does not link to the one before it');
    }
    const { bytes, sha256: digest } = fields.payload;
    if (payload && (payload.length !== bytes || sha256(payload).toString('hex') !== digest)) {
      throw this.fault('payload_altered', 'the payload is not the one that the envelope names');
    }
    this.next += 1;
    this.leaf = leafHash(envelope);
    return this.leaf;
  }

  fault(reason: ChainFault['reason'], detail: string, seq = this.next): ChainFaultError {
    return new ChainFaultError(
      faultsOf(this.chain)(seq, reason, `${detail}. Run \`chartledger verify --payloads\` to learn what happened`),
    );
  }
}
