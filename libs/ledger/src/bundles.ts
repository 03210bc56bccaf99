import { FormatError } from './format-error.js';

/**
 * A bundle is a sequence of items, each after its length as a big-endian integer. Entry bundles have uint16 lengths (C2SP
 * tlog-tiles, section Log entries); payload bundles, which are chartledger's own, have uint32 lengths.
 */
export type LengthBytes = 2 | 4;

export const ENTRY_LENGTH_BYTES = 2;
export const PAYLOAD_LENGTH_BYTES = 4;

/** @throws RangeError for an item longer than its length can say. */
export function encodeBundle(items: readonly Uint8Array[], lengthBytes: LengthBytes): Buffer {
  const bytes = items.reduce((sum, item) => sum + lengthBytes + item.length, 0);
  const bundle = Buffer.allocUnsafe(bytes);
  let at = 0;
  for (const item of items) {
    bundle.writeUIntBE(item.length, at, lengthBytes);
    bundle.set(item, at + lengthBytes);
    at += lengthBytes + item.length;
  }
  return bundle;
}

/** The length that stands before `item`. */
export function frameLength(item: Uint8Array, lengthBytes: LengthBytes): Buffer {
  const length = Buffer.alloc(lengthBytes);
  length.writeUIntBE(item.length, 0, lengthBytes);
  return length;
}

/**
 * The items of a bundle, as views of it.
 * @throws FormatError bundle_malformed when it ends inside an item.
 */
export function decodeBundle(bundle: Buffer, lengthBytes: LengthBytes): Buffer[] {
  const { items, rest } = takeFrames(bundle, lengthBytes);
  if (rest.length) throw new FormatError('bundle_malformed', `the bundle ends inside item ${items.length}`);
  return items;
}

/** The items that `bytes` holds in full, as views of it, and what is left of one that is not complete. */
export function takeFrames(bytes: Buffer, lengthBytes: LengthBytes): { items: Buffer[]; rest: Buffer } {
  const items: Buffer[] = [];
  let at = 0;
  while (at + lengthBytes <= bytes.length) {
    const start = at + lengthBytes;
    const end = start + bytes.readUIntBE(at, lengthBytes);
    if (end > bytes.length) break;
    items.push(bytes.subarray(start, end));
    at = end;
  }
  return { items, rest: bytes.subarray(at) };
}

export const encodeEntryBundle = (entries: readonly Uint8Array[]): Buffer => encodeBundle(entries, ENTRY_LENGTH_BYTES);
export const decodeEntryBundle = (bundle: Buffer): Buffer[] => decodeBundle(bundle, ENTRY_LENGTH_BYTES);
export const encodePayloadBundle = (payloads: readonly Uint8Array[]): Buffer =>
  encodeBundle(payloads, PAYLOAD_LENGTH_BYTES);
export const decodePayloadBundle = (bundle: Buffer): Buffer[] => decodeBundle(bundle, PAYLOAD_LENGTH_BYTES);
