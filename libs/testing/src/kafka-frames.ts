/** Larger than any message a broker takes: a length beyond it is no Kafka, TLS for example. */
const MAX_FRAME_BYTES = 104_857_600;
const LENGTH_BYTES = 4;

/** The API key of a request that writes messages. */
export const PRODUCE = 0;
/** The API key of a request that reads them. */
export const FETCH = 1;

/** The bytes of a stream since its last whole frame, and how many there must be to complete the next one. */
export interface Unframed {
  chunks: Buffer[];
  bytes: number;
  wanted: number;
}

export const NOTHING_YET: Unframed = { chunks: [], bytes: 0, wanted: LENGTH_BYTES };

/**
 * Cuts Kafka's frames (int32 length, then as many bytes) out of a stream that comes in chunks of any size. A frame is given
 * with its length, as it was sent. @throws Error when the stream cannot be Kafka's.
 */
export function takeFrames(before: Unframed, chunk: Buffer): { frames: Buffer[]; rest: Unframed } {
  const chunks = [...before.chunks, chunk];
  const bytes = before.bytes + chunk.length;
  if (bytes < before.wanted) return { frames: [], rest: { chunks, bytes, wanted: before.wanted } };
  const frames: Buffer[] = [];
  let rest: Buffer = Buffer.concat(chunks);
  let wanted = bytesOfFirst(rest);
  while (rest.length >= wanted) {
    frames.push(rest.subarray(0, wanted));
    rest = rest.subarray(wanted);
    wanted = bytesOfFirst(rest);
  }
  return { frames, rest: { chunks: [rest], bytes: rest.length, wanted } };
}

function bytesOfFirst(data: Buffer): number {
  if (data.length < LENGTH_BYTES) return LENGTH_BYTES;
  const length = data.readInt32BE(0);
  if (length < 0 || length > MAX_FRAME_BYTES)
    throw new Error(`a frame of ${length} bytes: this is not Kafka's protocol`);
  return LENGTH_BYTES + length;
}

/** The whole frames of a stream, in order; what is left over at its end is dropped. */
export async function* framesOf(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest = NOTHING_YET;
  for await (const chunk of stream) {
    const taken = takeFrames(rest, chunk);
    rest = taken.rest;
    yield* taken.frames;
  }
}

/** The header that begins every request, whatever its version. */
export function requestHeader(frame: Buffer): { apiKey: number; apiVersion: number; correlationId: number } {
  return { apiKey: frame.readInt16BE(4), apiVersion: frame.readInt16BE(6), correlationId: frame.readInt32BE(8) };
}

/** Which request of its connection a reply is to. */
export function correlationOfReply(frame: Buffer): number {
  return frame.readInt32BE(4);
}
