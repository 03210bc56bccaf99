import { type Readable } from 'node:stream';

/** Rows come in batches of some 64 KiB; one row may be larger. What is longer than this comes from no process of ours. */
const MAX_FRAME_BYTES = 128 * 1024 * 1024;

const LENGTH_BYTES = 4;

/** A message between the two processes: its length in four bytes, big-endian, and its JSON. */
export function frame(json: string): Buffer {
  const length = Buffer.byteLength(json);
  const bytes = Buffer.allocUnsafe(LENGTH_BYTES + length);
  bytes.writeUInt32BE(length);
  bytes.write(json, LENGTH_BYTES);
  return bytes;
}

/** Messages as they are asked for: while nobody asks, the stream fills and its writer waits. */
export async function* readFrames(stream: Readable): AsyncGenerator<unknown, void, undefined> {
  let chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    for (;;) {
      if (size < LENGTH_BYTES) break;
      if (chunks[0].length < LENGTH_BYTES) chunks = [Buffer.concat(chunks)];
      const end = LENGTH_BYTES + chunks[0].readUInt32BE();
      if (end > MAX_FRAME_BYTES) throw new Error('a message is longer than any can be');
      if (size < end) break;
      const bytes = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
      yield JSON.parse(bytes.toString('utf8', LENGTH_BYTES, end));
      chunks = end < bytes.length ? [bytes.subarray(end)] : [];
      size -= end;
    }
  }
}
