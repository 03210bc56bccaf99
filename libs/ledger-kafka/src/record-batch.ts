import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { crc32c } from './crc32c.js';

/**
 * Kafka's record batch, format version 2 (Kafka documentation, "Record Batch"), of a producer without an id. Written in
 * one pass into one buffer: kafkajs copies each record some eight times, which took more than half of an append.
 */

export interface BatchRecord {
  /** ASCII. */
  key: string;
  /** The value's parts, one after the other. */
  value: readonly Uint8Array[];
  /** As `encodeHeaders` makes them; none otherwise. */
  headers?: Uint8Array;
}

/** The headers of a record, to be used for many. Names and values MUST be ASCII. */
export function encodeHeaders(headers: Record<string, string>): Buffer {
  const entries = Object.entries(headers);
  const parts = entries.flatMap(([name, value]) => [varint(name.length), name, varint(value.length), value]);
  return Buffer.concat([varint(entries.length), ...parts.map((part) => Buffer.from(part))]);
}

const NO_HEADERS = encodeHeaders({});

const HEADER_BYTES = 61;
/** The length that a batch names begins after itself, the checksum covers what follows it. */
const LENGTH_AT = 8;
const LENGTH_COVERS_FROM = 12;
const MAGIC_AT = 16;
const CHECKSUM_AT = 17;
const CHECKSUM_COVERS_FROM = 21;
const MAGIC = 2;
const GZIP_ATTRIBUTE = 1;
/** No producer id, no epoch, no sequence: the chain tells a repetition from an entry. */
const NO_PRODUCER = -1;
/** Attributes and timestamp delta: one byte each, both zero. */
const RECORD_CONSTANT_BYTES = 2;

/** @param time milliseconds since the epoch, of every record. */
export async function encodeRecordBatch(
  records: readonly BatchRecord[],
  time: number,
  compression: 'none' | 'gzip',
): Promise<Buffer> {
  const bodies = records.map(bodyBytes);
  const size = bodies.reduce((sum, bytes) => sum + varintBytes(bytes) + bytes, 0);
  if (compression === 'none') {
    const batch = Buffer.allocUnsafe(HEADER_BYTES + size);
    writeRecords(batch, HEADER_BYTES, records, bodies);
    return seal(batch, records.length, time, 0);
  }
  const plain = Buffer.allocUnsafe(size);
  writeRecords(plain, 0, records, bodies);
  const batch = Buffer.concat([Buffer.allocUnsafe(HEADER_BYTES), await promisify(gzip)(plain)]);
  return seal(batch, records.length, time, GZIP_ATTRIBUTE);
}

/** Writes the header before the records that are there already. */
function seal(batch: Buffer, count: number, time: number, attributes: number): Buffer {
  batch.writeBigInt64BE(0n, 0);
  batch.writeInt32BE(batch.length - LENGTH_COVERS_FROM, LENGTH_AT);
  batch.writeInt32BE(-1, LENGTH_COVERS_FROM);
  batch.writeInt8(MAGIC, MAGIC_AT);
  let at = batch.writeInt16BE(attributes, CHECKSUM_COVERS_FROM);
  at = batch.writeInt32BE(count - 1, at);
  at = batch.writeBigInt64BE(BigInt(time), at);
  at = batch.writeBigInt64BE(BigInt(time), at);
  at = batch.writeBigInt64BE(BigInt(NO_PRODUCER), at);
  at = batch.writeInt16BE(NO_PRODUCER, at);
  at = batch.writeInt32BE(NO_PRODUCER, at);
  batch.writeInt32BE(count, at);
  batch.writeUInt32BE(crc32c(batch.subarray(CHECKSUM_COVERS_FROM)), CHECKSUM_AT);
  return batch;
}

function bodyBytes({ key, value, headers = NO_HEADERS }: BatchRecord, offsetDelta: number): number {
  const length = valueBytes(value);
  return (
    RECORD_CONSTANT_BYTES +
    varintBytes(offsetDelta) +
    varintBytes(key.length) +
    key.length +
    varintBytes(length) +
    length +
    headers.length
  );
}

function valueBytes(value: readonly Uint8Array[]): number {
  let length = 0;
  for (const part of value) length += part.length;
  return length;
}

function writeRecords(into: Buffer, from: number, records: readonly BatchRecord[], bodies: readonly number[]): void {
  let at = from;
  records.forEach(({ key, value, headers = NO_HEADERS }, offsetDelta) => {
    at = writeVarint(into, bodies[offsetDelta], at);
    into[at++] = 0;
    into[at++] = 0;
    at = writeVarint(into, offsetDelta, at);
    at = writeVarint(into, key.length, at);
    at += into.write(key, at, 'latin1');
    at = writeVarint(into, valueBytes(value), at);
    for (const part of value) {
      into.set(part, at);
      at += part.length;
    }
    into.set(headers, at);
    at += headers.length;
  });
}

function varint(count: number): Buffer {
  const bytes = Buffer.alloc(varintBytes(count));
  writeVarint(bytes, count, 0);
  return bytes;
}

/** Of a count in zigzag encoding, which doubles it. */
function varintBytes(count: number): number {
  let bytes = 1;
  for (let rest = count * 2; rest > 0x7f; rest = Math.floor(rest / 128)) bytes += 1;
  return bytes;
}

function writeVarint(into: Buffer, count: number, from: number): number {
  let at = from;
  let rest = count * 2;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) into[at++] = (rest & 0x7f) | 0x80;
  into[at++] = rest;
  return at;
}

const ACKNOWLEDGED_BY_ALL_IN_SYNC = -1;

/** The body of a Produce request, version 3 to 8, with one batch for one partition. */
export function encodeProduce(topic: string, partition: number, batch: Buffer, timeoutMs: number): Buffer {
  const name = Buffer.from(topic);
  const body = Buffer.allocUnsafe(26 + name.length + batch.length);
  let at = body.writeInt16BE(-1, 0);
  at = body.writeInt16BE(ACKNOWLEDGED_BY_ALL_IN_SYNC, at);
  at = body.writeInt32BE(timeoutMs, at);
  at = body.writeInt32BE(1, at);
  at = body.writeInt16BE(name.length, at);
  at += name.copy(body, at);
  at = body.writeInt32BE(1, at);
  at = body.writeInt32BE(partition, at);
  at = body.writeInt32BE(batch.length, at);
  batch.copy(body, at);
  return body;
}
