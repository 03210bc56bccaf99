import { MAX_ENVELOPE_BYTES, type LinkedEntry } from '@chartledger/ledger';

const LINE_FEED = 0x0a;
const LINE_END = Buffer.of(LINE_FEED);

/** An entry as the topic holds it, at its offset. An offset is not a sequence number: rejects have offsets too. */
export interface TopicRecord {
  offset: number;
  /** Null where the record has no value, which no writer of this system makes. */
  value: Buffer | null;
}

/** What a record's value is made of, see `docs/ledger-format.md`. */
export interface RecordParts {
  envelope: Buffer;
  payload: Buffer;
}

/** The parts of a record's value, one after the other. */
export function recordValue({ envelope, payload }: RecordParts): Buffer[] {
  return [envelope, LINE_END, payload];
}

/** The parts of a record's value, which share its memory; undefined where it has no line of an envelope's length. */
export function decodeRecord(value: Buffer | null): RecordParts | undefined {
  const end = value ? value.indexOf(LINE_FEED) : -1;
  if (end === -1 || end > MAX_ENVELOPE_BYTES) return undefined;
  return { envelope: value!.subarray(0, end), payload: value!.subarray(end + 1) };
}

/** Whether a record's value is that of the entry. */
export function isValueOf({ envelope, payload }: RecordParts, value: Buffer): boolean {
  const payloadAt = envelope.length + 1;
  return (
    value.length === payloadAt + payload.length &&
    value[envelope.length] === LINE_FEED &&
    envelope.compare(value, 0, envelope.length) === 0 &&
    payload.compare(value, payloadAt) === 0
  );
}

/** How much of a request an entry takes: its value, its key and what frames them (KIP-98, "Message Format"). */
export function recordBytes({ envelope, payload, fields }: LinkedEntry): number {
  return envelope.length + 1 + payload.length + fields.record.length + RECORD_FRAME_BYTES;
}

/** Lengths, deltas and attributes as variable-length integers, at their longest. */
const RECORD_FRAME_BYTES = 40;
