/**
 * A UUID of the first 16 of some bytes, such as a hash: equal bytes, equal id. Version 8 (RFC 9562 section 5.8) by default; 7
 * for bytes that begin with the time in milliseconds.
 */
export function derivedUuid(hash: Uint8Array, version: 7 | 8 = 8): string {
  const bytes = Buffer.from(hash.subarray(0, 16));
  bytes[6] = (bytes[6] & 0x0f) | (version << 4);
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
