import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import Decoder from 'kafkajs/src/protocol/decoder.js';
import decodeBatch from 'kafkajs/src/protocol/recordBatch/v0/decoder.js';
import slowCrc32c from 'kafkajs/src/protocol/recordBatch/crc32C/crc32C.js';
import { crc32c } from './crc32c.js';
import { decodeRecordSet } from './decode-records.js';
import { encodeHeaders, encodeRecordBatch } from './record-batch.js';

const TIME = Date.parse('2024-03-01T08:00:00.000Z');

describe('CRC-32C', () => {
  it('has the check value of the polynomial', () => {
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  });

  it('is what kafkajs computes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => crc32c(bytes) === slowCrc32c(bytes)));
  });
});

describe.each(['none', 'gzip'] as const)('a record batch (compression: %s)', (compression) => {
  it('is read by kafkajs as it was written', async () => {
    const part = fc.uint8Array({ maxLength: 300 });
    const text = fc.stringMatching(/^[a-z-]{1,80}$/);
    // kafkajs reads headers into a plain object, and takes for a header what every object has.
    const name = text.filter((one) => !(one in {}));
    const record = fc.record({
      key: fc.stringMatching(/^[0-9a-f]{0,64}$/),
      value: fc.array(part, { maxLength: 3 }),
      names: fc.dictionary(name, text, { maxKeys: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 150 }), async (given) => {
        const records = given.map(({ names, ...one }) => ({ ...one, headers: encodeHeaders(names) }));
        const batch = await encodeRecordBatch(records, TIME, compression);
        expect(batch.readUInt32BE(17)).toBe(slowCrc32c(batch.subarray(21)));
        const decoded = await decodeBatch(new Decoder(batch));
        expect(decoded).toMatchObject({ producerId: '-1', lastOffsetDelta: records.length - 1 });
        const offsets = (await decodeRecordSet(batch)).map(
          ({ offset, value }) => `${offset} ${value!.toString('hex')}`,
        );
        expect(offsets).toEqual(decoded.records.map(({ offset, value }) => `${offset} ${value.toString('hex')}`));
        expect(decoded.records.map(namesOf)).toEqual(given.map(({ names }) => ({ ...names })));
        expect(decoded.records.map(shown)).toEqual(
          records.map(({ key, value }, offset) => `${offset} ${TIME} ${key} ${Buffer.concat(value).toString('hex')}`),
        );
      }),
    );
  });
});

function namesOf({ headers }: { headers: Record<string, Buffer> }): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.toString()]));
}

function shown(record: { offset: string; timestamp: string; key: Buffer; value: Buffer }): string {
  return `${record.offset} ${record.timestamp} ${record.key.toString()} ${record.value.toString('hex')}`;
}
