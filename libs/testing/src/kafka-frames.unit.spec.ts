import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { correlationOfReply, framesOf, NOTHING_YET, requestHeader, takeFrames } from './kafka-frames.js';

const payloads = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 });
const cuts = fc.array(fc.nat({ max: 20 }), { maxLength: 60 });

describe('the frames of a stream', () => {
  it('are the same however the stream is cut', async () => {
    await fc.assert(
      fc.asyncProperty(payloads, cuts, async (contents, sizes) => {
        const frames = contents.map(framed);
        expect(await collect(cut(Buffer.concat(frames), sizes))).toEqual(frames);
      }),
    );
  });

  it('leave what is not whole', async () => {
    const whole = framed(Buffer.from('whole'));
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: whole.length - 1 }), cuts, async (kept, sizes) => {
        const stream = Buffer.concat([whole, whole.subarray(0, kept)]);
        expect(await collect(cut(stream, sizes))).toEqual([whole]);
      }),
    );
  });

  it('are refused where the protocol is another', () => {
    const hello = Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00]);
    expect(() => takeFrames(NOTHING_YET, hello)).toThrow("not Kafka's protocol");
    expect(() => takeFrames(NOTHING_YET, Buffer.from('ffffffff', 'hex'))).toThrow("not Kafka's protocol");
  });

  it('tell the request and the reply to it', () => {
    const request = framed(Buffer.from('00000007000000ff0000', 'hex'));
    expect(requestHeader(request)).toEqual({ apiKey: 0, apiVersion: 7, correlationId: 255 });
    expect(correlationOfReply(framed(Buffer.from('000000ff00', 'hex')))).toBe(255);
  });
});

function framed(content: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(content.length);
  return Buffer.concat([length, content]);
}

/** Pieces of the given sizes, 0 included, and then the rest. */
function cut(stream: Buffer, sizes: number[]): Buffer[] {
  const pieces: Buffer[] = [];
  let at = 0;
  for (const size of sizes) pieces.push(stream.subarray(at, (at += size)));
  return [...pieces, stream.subarray(at)];
}

async function collect(pieces: Buffer[]): Promise<Buffer[]> {
  const frames: Buffer[] = [];
  for await (const frame of framesOf(stream(pieces))) frames.push(frame);
  return frames;
}

async function* stream(pieces: Buffer[]): AsyncGenerator<Buffer> {
  yield* pieces;
}
