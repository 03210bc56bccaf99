import { describe, expect, it } from '@jest/globals';
import { anyEnvelope } from '@chartledger/testing';
import fc from 'fast-check';
import { decodeEnvelope, encodeEnvelope, type Envelope, EnvelopeError } from './envelope.js';
import { readEnvelope } from './read-envelope.js';

/** What a reader makes of bytes: the envelope or the message of its refusal. */
function outcome(read: (bytes: Buffer) => Envelope, bytes: Buffer): unknown {
  try {
    return read(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(EnvelopeError);
    return (error as Error).message;
  }
}

function expectSame(bytes: Buffer): void {
  expect(outcome(readEnvelope, bytes)).toEqual(outcome(decodeEnvelope, bytes));
}

/** Characters that an envelope is made of, and some that it must not hold. */
const characters = fc.constantFrom(...'{}[]":,\\/ \n\t-+.0123456789aefzAZTuv\u00e9\u0000\u007f');

describe('readEnvelope', () => {
  it('reads what encodeEnvelope writes', () => {
    fc.assert(
      fc.property(anyEnvelope, (envelope) => {
        const bytes = Buffer.from(encodeEnvelope(envelope));
        expect(readEnvelope(bytes)).toEqual(envelope);
        expectSame(bytes);
      }),
    );
  });

  it('is exactly as strict as decodeEnvelope when one byte is another', () => {
    fc.assert(
      fc.property(anyEnvelope, fc.nat(), fc.nat({ max: 255 }), (envelope, place, byte) => {
        const bytes = Buffer.from(encodeEnvelope(envelope));
        bytes[place % bytes.length] = byte;
        expectSame(bytes);
      }),
      { numRuns: 2000 },
    );
  });

  it('is exactly as strict as decodeEnvelope when text is put in, taken out or replaced', () => {
    fc.assert(
      fc.property(
        anyEnvelope,
        fc.nat(),
        fc.nat({ max: 3 }),
        fc.array(characters, { maxLength: 3 }),
        (envelope, at, cut, put) => {
          const text = encodeEnvelope(envelope);
          const start = at % text.length;
          expectSame(Buffer.from(text.slice(0, start) + put.join('') + text.slice(start + cut)));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['a number with a fraction', '"chain":1,', '"chain":1.0,'],
    ['a number with an exponent', '"chain":1,', '"chain":1e0,'],
    ['a negative zero', '"seq":0,', '"seq":-0,'],
    ['a number beyond safe integers', '"seq":0,', '"seq":9007199254740993,'],
    ['a field twice', '"chain":1,', '"chain":1,"chain":1,'],
    ['a field that is not of the format', '"chain":1,', '"chain":1,"charge":1,'],
    ['white space', '"chain":1,', '"chain": 1,'],
    ['an escape that is not needed', '"actor":"a"', '"actor":"\\u0061"'],
    ['a lone surrogate', '"actor":"a"', '"actor":"\\ud800"'],
    ['30 February', '2024-03-01T', '2024-02-30T'],
    ['29 February of a year without one', '2024-03-01T', '2023-02-29T'],
    ['hour 24', 'T08:', 'T24:'],
    ['part that is not below parts', '"part":0,', '"part":1,'],
    ['an upper-case hash', '"prev":"00', '"prev":"AA'],
    ['another version', '"v":1,', '"v":2,'],
  ])('refuses %s, as decodeEnvelope does', (_, from, to) => {
    const text = encodeEnvelope(PLAIN).replace(from, to);
    expect(text).not.toBe(encodeEnvelope(PLAIN));
    expectSame(Buffer.from(text));
    expect(() => readEnvelope(Buffer.from(text))).toThrow(EnvelopeError);
  });

  it.each([
    ['29 February', '2024-03-01T', '2024-02-29T'],
    ['text beyond ASCII', '"actor":"a"', '"actor":"é 😀 \\n"'],
  ])('takes %s, as decodeEnvelope does', (_, from, to) => {
    const text = encodeEnvelope(PLAIN).replace(from, to);
    expect(encodeEnvelope(readEnvelope(Buffer.from(text)))).toBe(text);
    expectSame(Buffer.from(text));
  });
});

const HASH = '00'.repeat(32);
const PLAIN: Envelope = {
  actor: 'a',
  chain: 1,
  kind: 'fhir.create',
  part: 0,
  parts: 1,
  payload: { bytes: 3, commit: HASH, key: '00000000-0000-4000-8000-000000000000', sha256: HASH },
  prev: HASH,
  record: HASH,
  seq: 0,
  source: 'hospital-a',
  submission: '00000000-0000-4000-8000-000000000000',
  time: '2024-03-01T08:00:00.000Z',
  type: 'Patient',
  v: 1,
  version: 1,
};
