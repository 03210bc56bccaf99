import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { type TopicRecord } from './topic-record.js';

/**
 * The records of a fetch response (Kafka documentation, "Record Batch", format version 2): offset and value, which is all
 * that is asked of them. kafkajs makes some twenty objects of each.
 */

const HEADER_BYTES = 61;
/** What stands before the length that a batch names. */
const FRAME_BYTES = 12;
const LENGTH_AT = 8;
const MAGIC_AT = 16;
const ATTRIBUTES_AT = 21;
const LAST_OFFSET_DELTA_AT = 23;
const COUNT_AT = 57;
const MAGIC = 2;
const CODEC_MASK = 7;
const CONTROL_MASK = 32;
const NO_CODEC = 0;
const GZIP = 1;

/**
 * The last batch may be cut off, and is then left out. A batch of control records, or one that was emptied, counts as one
 * record without a value at its last offset.
 */
export async function decodeRecordSet(bytes: Buffer): Promise<TopicRecord[]> {
  const records: TopicRecord[] = [];
  let at = 0;
  while (bytes.length - at >= HEADER_BYTES) {
    const end = at + FRAME_BYTES + bytes.readInt32BE(at + LENGTH_AT);
    if (end > bytes.length) break;
    await decodeBatch(bytes.subarray(at, end), records);
    at = end;
  }
  return records;
}

async function decodeBatch(batch: Buffer, records: TopicRecord[]): Promise<void> {
  if (batch[MAGIC_AT] !== MAGIC) throw new Error(`a record batch has format ${batch[MAGIC_AT]}, not ${MAGIC}`);
  const baseOffset = Number(batch.readBigInt64BE(0));
  const attributes = batch.readInt16BE(ATTRIBUTES_AT);
  const count = batch.readInt32BE(COUNT_AT);
  if (attributes & CONTROL_MASK || count === 0) {
    records.push({ offset: baseOffset + batch.readInt32BE(LAST_OFFSET_DELTA_AT), value: null });
    return;
  }
  const bytes = await decompressed(attributes & CODEC_MASK, batch.subarray(HEADER_BYTES));
  const cursor = { bytes, at: 0 };
  for (let index = 0; index < count; index += 1) records.push(decodeRecord(cursor, baseOffset));
}

/** Where one is in the bytes. Moves on with what is read. */
interface Cursor {
  bytes: Buffer;
  at: number;
}

function decodeRecord(cursor: Cursor, baseOffset: number): TopicRecord {
  const length = readVarint(cursor);
  const end = cursor.at + length;
  cursor.at += 1;
  skipVarint(cursor);
  const offset = baseOffset + readVarint(cursor);
  const keyBytes = readVarint(cursor);
  cursor.at += Math.max(0, keyBytes);
  const valueBytes = readVarint(cursor);
  const value = valueBytes < 0 ? null : cursor.bytes.subarray(cursor.at, cursor.at + valueBytes);
  cursor.at = end;
  return { offset, value };
}

/** At most five bytes: a length or an offset delta. */
function readVarint(cursor: Cursor): number {
  let value = 0;
  let shift = 0;
  let byte: number;
  do {
    byte = cursor.bytes[cursor.at++];
    value |= (byte & 0x7f) << shift;
    shift += 7;
  } while (byte & 0x80);
  return (value >>> 1) ^ -(value & 1);
}

/** Of any length: a timestamp delta has up to ten bytes. */
function skipVarint(cursor: Cursor): void {
  while (cursor.bytes[cursor.at++] & 0x80);
}

async function decompressed(codec: number, bytes: Buffer): Promise<Buffer> {
  if (codec === NO_CODEC) return bytes;
  if (codec === GZIP) return promisify(gunzip)(bytes);
  throw new Error(
    `a record batch is compressed by codec ${codec}, which no writer of this system uses: set compression.type of the topic to producer`,
  );
}

export interface FetchedPartition {
  errorCode: number;
  highWatermark: number;
  records: TopicRecord[];
}

/** A Fetch response of version 11, of one partition. */
export async function decodeFetch(bytes: Buffer): Promise<FetchedPartition> {
  const topicAt = 4 + 2 + 4 + 4;
  // Throttle time, error code, session, number of topics; the topic's name; number of partitions, partition.
  let at = topicAt + 2 + bytes.readInt16BE(topicAt) + 4 + 4;
  const errorCode = bytes.readInt16BE(at);
  const highWatermark = Number(bytes.readBigInt64BE(at + 2));
  const abortedAt = at + 2 + 8 + 8 + 8;
  const aborted = Math.max(0, bytes.readInt32BE(abortedAt));
  // Each aborted transaction has two numbers of 8 bytes; after them the preferred replica.
  at = abortedAt + 4 + aborted * 16 + 4;
  const size = Math.max(0, bytes.readInt32BE(at));
  return { errorCode, highWatermark, records: await decodeRecordSet(bytes.subarray(at + 4, at + 4 + size)) };
}
