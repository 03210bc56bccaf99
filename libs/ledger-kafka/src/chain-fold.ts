import {
  EnvelopeError,
  extendsHead,
  leafHash,
  readEnvelope,
  type Envelope,
  type Head,
  type LinkedEntry,
  type StoredEntry,
} from '@chartledger/ledger';
import { decodeRecord, isValueOf, type RecordParts, type TopicRecord } from './topic-record.js';

/** A record that became an entry of its chain. */
export interface AcceptedEntry extends StoredEntry {
  leaf: Buffer;
  /** Milliseconds since the epoch. */
  time: number;
  offset: number;
}

/** The rule by which a record is the next entry. Every reader MUST use `extendsHead`; a test takes it out. */
export type Fence = (head: Head, candidate: Envelope) => boolean;

/**
 * Makes a chain of a partition: in the order of offsets, the first record that extends the head is the next entry, every
 * other one is a reject. The same records give the same chain, in whatever pieces they come and whoever reads them.
 */
export class ChainFold {
  #head: Head;
  #nextOffset: number;
  #rejects = 0;
  #expected: readonly LinkedEntry[] = [];

  /** @param nextOffset the offset after the record that `head` came from. */
  constructor(
    head: Head,
    nextOffset = 0,
    private readonly fence: Fence = extendsHead,
  ) {
    this.#head = head;
    this.#nextOffset = nextOffset;
  }

  get head(): Head {
    return this.#head;
  }

  /** The offset of the first record that was not taken yet. */
  get nextOffset(): number {
    return this.#nextOffset;
  }

  /** How many of the records taken were no entries. */
  get rejects(): number {
    return this.#rejects;
  }

  /**
   * Entries that this process linked and may read soon, in order: what is read and is the same byte for byte needs not be
   * parsed and hashed again.
   */
  expect(entries: readonly LinkedEntry[]): void {
    this.#expected = entries;
  }

  /** Takes the next records, in order; those that were taken before are passed over. Returns those that became entries. */
  take(records: readonly TopicRecord[]): AcceptedEntry[] {
    const accepted: AcceptedEntry[] = [];
    for (const { offset, value } of records) {
      if (offset < this.#nextOffset) continue;
      this.#nextOffset = offset + 1;
      const entry = this.#acceptExpected(offset, value) ?? this.#accept(offset, decodeRecord(value));
      if (entry) accepted.push(entry);
      else this.#rejects += 1;
    }
    return accepted;
  }

  #acceptExpected(offset: number, value: Buffer | null): AcceptedEntry | undefined {
    const own = this.#expected[this.#head.seq + 1 - (this.#expected[0]?.seq ?? 0)];
    if (!own || !value || !isValueOf(own, value) || !this.fence(this.#head, own.fields)) return undefined;
    const { chain, seq, envelope, payload, leaf, time } = own;
    this.#head = { chain, seq, leaf, time };
    return { chain, seq, envelope, payload, leaf, time, offset };
  }

  #accept(offset: number, parts: RecordParts | undefined): AcceptedEntry | undefined {
    const fields = parts && envelopeOf(parts.envelope);
    if (!fields || !this.fence(this.#head, fields)) return undefined;
    const { chain, seq } = fields;
    const entry = { chain, seq, ...parts, leaf: leafHash(parts.envelope), time: Date.parse(fields.time), offset };
    this.#head = { chain, seq, leaf: entry.leaf, time: entry.time };
    return entry;
  }
}

/** Undefined for what is no envelope: on a topic a stray record is a reject, not a fault. */
function envelopeOf(bytes: Buffer): Envelope | undefined {
  try {
    return readEnvelope(bytes);
  } catch (error) {
    if (error instanceof EnvelopeError) return undefined;
    throw error;
  }
}
